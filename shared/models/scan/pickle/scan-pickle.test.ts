import { describe, expect, test } from 'vitest';
import { ByteReader } from '../byte-reader.ts';
import type { Found } from '../finding.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { scanPickle } from './scan-pickle.ts';

const bytesOf = (...parts: (string | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
/** SHORT_BINUNICODE */
const text = (value: string): string => `\x8c${String.fromCharCode(value.length)}${value}`;

function readerOf(bytes: Uint8Array, step = bytes.length): ByteReader {
  let from = 0;
  return new ByteReader({
    async read() {
      if (from >= bytes.length) return null;
      from += step;
      return bytes.subarray(from - step, from);
    },
  });
}

async function scan(bytes: Uint8Array, input: Partial<ScanInput> = {}, step?: number): Promise<Found[]> {
  const found: Found[] = [];
  const context: ScanContext = {
    report: (one) => found.push(one),
    inner: (_, stream) => scanPickle({ ...stream, place: { file: 'inner', members: [] } }, context),
    randomAccess: () => Promise.reject(new Error('not here')),
    unpacked: () => undefined,
    expect: () => undefined,
    memory: { hold: () => undefined, release: () => undefined },
    lookedIntoArchive: () => undefined,
    named: () => undefined,
    signal: new AbortController().signal,
  };
  const place = { file: 'model.pkl', members: [] };
  await scanPickle({ place, reader: readerOf(bytes, step), size: bytes.length, ...input }, context);
  return found;
}

const names = (found: readonly Found[]): (string | undefined)[] =>
  found.map(({ name, rule }) => name ?? rule);

const EVIL: [string, Buffer, string][] = [
  ['GLOBAL and REDUCE', bytesOf("cos\nsystem\n(S'true'\ntR."), 'os.system'],
  ['INST', bytesOf("(S'true'\niposix\nsystem\n."), 'posix.system'],
  ['OBJ', bytesOf("(csubprocess\nPopen\nS'true'\no."), 'subprocess.Popen'],
  [
    'a dotted name under STACK_GLOBAL',
    bytesOf('\x80\x04', text('numpy'), text('os.system'), '\x93.'),
    'numpy.os.system',
  ],
  [
    'names from the memo',
    bytesOf('\x80\x04', text('os'), '\x94', text('system'), '\x940h\x00h\x01\x93.'),
    'os.system',
  ],
  ['names with escapes', bytesOf('\x80\x04V\\u006fs\nVsystem\n\x93.'), 'os.system'],
  ['quoted names with escapes', bytesOf("\x80\x04S'o\\x73'\nS'\\163ystem'\n\x93."), 'os.system'],
  ['names of Python 2', bytesOf('\x80\x02c__builtin__\neval\n.'), 'builtins.eval'],
  [
    'a name that is made while loading',
    bytesOf('\x80\x04', text('os'), '(lN\x93.'),
    'pickle-import-unresolved',
  ],
  ['the registry of extensions', bytesOf('\x80\x02\x82\x01.'), 'pickle-import-unresolved'],
  ['a second pickle', bytesOf('\x80\x02N.\x80\x02cos\nsystem\n.'), 'os.system'],
  ['bytes after STOP', bytesOf('\x80\x02N.\xff\xff\xff'), 'pickle-bytes-after-stop'],
  ['a cut-off pickle', bytesOf('\x80\x04\x95', [20, 0, 0, 0, 0, 0, 0, 0], '\x8c\x05num'), 'pickle-broken'],
  ['an import without a line feed', bytesOf('cos\nsystemX'), 'os.system'],
  [
    'an attribute of a class',
    bytesOf('\x80\x04cbuiltins\ngetattr\ncbuiltins\nlist\n', text('__globals__'), '\x86R.'),
    'builtins.list.__globals__',
  ],
  ['getattr kept for later', bytesOf('\x80\x04cbuiltins\ngetattr\n\x85.'), 'builtins.getattr'],
  ['a changed class', bytesOf('\x80\x02cbuiltins\nlist\nN}U\x01aNs\x86b.'), 'pickle-patches-import'],
  ['an unknown class', bytesOf('\x80\x02cmy.own\nModel\n)\x81.'), 'my.own.Model'],
  [
    'a frame that an opcode crosses',
    bytesOf('\x80\x04\x95', [3, 0, 0, 0, 0, 0, 0, 0], text('abcdef'), '.'),
    'pickle-import-unresolved',
  ],
  [
    'a call of what another call made',
    bytesOf('\x80\x02ccollections\nOrderedDict\n)R)R.'),
    'pickle-import-unresolved',
  ],
  [
    'a call of a layer',
    bytesOf('\x80\x02ctorch.nn.modules.linear\nLinear\n)R.'),
    'torch.nn.modules.linear.Linear',
  ],
  [
    'bytes for torch that are made while loading',
    bytesOf('\x80\x03ctorch.storage\n_load_from_bytes\n(lN\x86R.'),
    'pickle-import-unresolved',
  ],
  [
    'bytes for torch that are given twice removed',
    bytesOf('\x80\x03ctorch.storage\n_load_from_bytes\n', 'cbuiltins\nbytes\n)R\x85R.'),
    'pickle-import-unresolved',
  ],
  ['a name longer than any', bytesOf(`\x80\x02c${'a.'.repeat(200)}b\nsystem\n.`), 'pickle-import-unresolved'],
  [
    'a class of TorchScript outside of its archive',
    bytesOf('\x80\x02c__torch__.M\nModel\n.'),
    '__torch__.M.Model',
  ],
  ['a pickle in the bytes of another', bytesOf('\x80\x03C\x0d\x80\x02cos\nsystem\n', '.'), 'os.system'],
];

describe('scanPickle', () => {
  test.each(EVIL)('refuses %s', async (_, bytes, name) => {
    expect(names(await scan(bytes))).toContain(name);
    expect(names(await scan(bytes, {}, 1))).toContain(name);
    expect(looksLikePickle(bytes, bytes.length)).toBe(true);
  });

  test('lets through what models need, and says nothing of it', async () => {
    const bytes = bytesOf('\x80\x02ccollections\nOrderedDict\n)R(U\x01aK\x01u.');
    expect(await scan(bytes)).toEqual([]);
  });

  test('names an attribute that getattr takes of a class, as nested names are pickled', async () => {
    const bytes = bytesOf('\x80\x04cbuiltins\ngetattr\nczoneinfo\nZoneInfo\n', text('_unpickle'), '\x86R.');
    expect(await scan(bytes)).toEqual([]);
  });

  test('says nothing of bytes that are no pickle, and fail before they import anything', async () => {
    expect(await scan(bytesOf('}\xff\x00\x01'))).toEqual([]);
    expect(names(await scan(bytesOf('}\xff\x00\x01'), { role: 'pickle' }))).toEqual(['pickle-broken']);
  });

  test('asks for data outside only where torch does', async () => {
    const bytes = bytesOf('\x80\x02U\x01aQ.');
    expect(names(await scan(bytes))).toEqual(['pickle-outside-data']);
    expect(await scan(bytes, { role: 'pickle', place: { file: 'a.pt', members: ['data.pkl'] } })).toEqual([]);
  });
});

describe('what torch saves', () => {
  const inArchive: Partial<ScanInput> = { role: 'pickle', place: { file: 'a.pt', members: ['data.pkl'] } };

  test('whole layers pass, as empty objects with a state', async () => {
    const layer = 'ctorch.nn.modules.linear\nLinear\n)\x81}U\x04biasNsb.';
    expect(await scan(bytesOf('\x80\x02', layer))).toEqual([]);
    const reconstructed =
      'ccopy_reg\n_reconstructor\n(ctorch.nn.modules.linear\nLinear\nc__builtin__\nobject\nNtR.';
    expect(await scan(bytesOf(reconstructed))).toEqual([]);
  });

  test('classes and lists of TorchScript pass in an archive, and nothing that looks like them', async () => {
    const list = 'ctorch.jit._pickle\nrestore_type_tag\n]U\x03int\x86R.';
    expect(await scan(bytesOf('\x80\x02c__torch__.my.Net\nNet\n)\x810', list), inArchive)).toEqual([]);
    expect(names(await scan(bytesOf('\x80\x02', list)))).toEqual(['torch.jit._pickle.restore_type_tag']);
    const dotted = bytesOf('\x80\x04', text('__torch__'), text('os.system'), '\x93.');
    expect(names(await scan(dotted, inArchive))).toEqual(['__torch__.os.system']);
    expect(names(await scan(bytesOf('\x80\x02c__torch__x\nN\n.'), inArchive))).toEqual(['__torch__x.N']);
  });

  test('bytes that are torch files of their own are looked into', async () => {
    const inner = '\x80\x02cos\nsystem\n.';
    const bytes = bytesOf('\x80\x03ctorch.storage\n_load_from_bytes\nC', [inner.length], inner, '\x85R.');
    expect(names(await scan(bytes))).toEqual(['os.system']);
  });
});

describe('data outside of a pickle', () => {
  test.each([
    ['an id on the stack', '\x80\x02U\x01aQ.'],
    ['an id in a line', '\x80\x02Pa\n.'],
    ['a buffer', '\x80\x05\x97.'],
    ['a buffer that is not written to', '\x80\x05\x97\x98.'],
  ])('%s is told', async (_, stream) => {
    expect(names(await scan(bytesOf(stream)))).toEqual(['pickle-outside-data']);
  });
});

describe('arrays of joblib before 0.10', () => {
  const old = (name: string, state: string) =>
    bytesOf(`\x80\x02cjoblib.numpy_pickle\n${name}\n)\x81}(${state}ub.`);

  test.each(['NDArrayWrapper', 'ZNDArrayWrapper'])(
    '%s lies in another file, and opcodes go on',
    async (name) => {
      const state = 'U\x08filenameU\x08a_01.npyU\x08subclasscnumpy\nndarray\n';
      expect(await scan(old(name, state))).toEqual([]);
      const followed = bytesOf(old(name, state).subarray(0, -1).toString('latin1'), '0cos\nsystem\n.');
      expect(names(await scan(followed))).toEqual(['os.system']);
    },
  );

  test('that names no file cannot be followed', async () => {
    expect(names(await scan(old('NDArrayWrapper', 'U\x08filenameK\x01')))).toContain('pickle-broken');
  });
});

describe('arrays of joblib', () => {
  const dtype = (code: string) =>
    `cnumpy\ndtype\n${text(code)}\x89\x88\x87R(K\x03${text('<')}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb`;
  const array = (count: number, data: string) =>
    bytesOf(
      '\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(',
      `${text('subclass')}cnumpy\nndarray\n${text('shape')}`,
      [0x4b, count, 0x85],
      `${text('order')}${text('C')}${text('dtype')}${dtype('f8')}${text('allow_mmap')}\x88ub${data}`,
    );

  test('are passed over, and opcodes behind them are read', async () => {
    const data = `\xff${'\x01'.repeat(15)}`;
    expect(await scan(array(2, `${data}.`))).toEqual([]);
    expect(names(await scan(array(2, `${data}cos\nsystem\n.`)))).toContain('os.system');
    expect(names(await scan(array(1, `${data}.`)))).toContain('pickle-broken');
  });

  test('whose bytes are opcodes to pickle.load are found', async () => {
    expect(names(await scan(array(2, 'cos\nsystem\n0N0N..')))).toContain('os.system');
  });
});

describe('torch before 1.6', () => {
  const magic = bytesOf('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.');
  const main = bytesOf('\x80\x02(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x02NtQ.\x80\x02]U\x010a.');
  const storage = bytesOf([2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);

  test('passes with the numbers that it asks for, and no others', async () => {
    expect(await scan(Buffer.concat([magic, main, storage]))).toEqual([]);
    const more = await scan(Buffer.concat([magic, main, storage, Buffer.from([0])]));
    expect(names(more)).toEqual(['pickle-bytes-after-stop']);
  });
});

describe('looksLikePickle', () => {
  test.each([
    ['a table', 'customer,age,city\n1,2,Zürich\n'],
    ['words', 'cat\ndog\ncow\n'],
    ['a sentence', 'This is a text. It has nothing to do with pickles.\n'],
    ['JSON', '{"a": 1}\n'],
    ['a list of packages', 'isympy\nsympy\n'],
    ['a script', 'import os\nos.system("true")\n'],
    ['a name with a length', 'Unnamed: 0,a,b\n1,2,3\n'],
    ['an archive', 'PK\x03\x04\x14\x00'],
    ['zeros', '\x00\x00\x00\x00'],
  ])('%s is none', (_, content) => {
    expect(looksLikePickle(Buffer.from(content, 'latin1'), content.length)).toBe(false);
  });

  test.each([
    ['texts and blanks without end', "(S'weight 0'\n0".repeat(600)],
    ['one long text', `V${'x'.repeat(5_000)}`],
    ['a text of 150 MB', 'X\t\t\t\tabc'.padEnd(4096, 'a')],
    ['a place far away in the memo', 'Vos\np16777216\n0Vsystem\ng16777216\n\x93('],
    ['the place -0 in the memo', 'Np-0\n0cos\nsystem\n'],
    ['a text across the end of a frame', '\x95\x01\0\0\0\0\0\0\0Vab\n0cos\nsystem\n'],
    ['a name with many dots', `N0\x80\x04cshutil\nos.${'path.os.'.repeat(40)}system\n(`],
    ['a text with many dots', `N0\x80\x04Vshutil\nVos.${'path.os.'.repeat(40)}system\n\x93(`],
  ])('%s may be one', (_, content) => {
    const head = Buffer.from(content, 'latin1').subarray(0, 4096);
    expect(looksLikePickle(head)).toBe(true);
    expect(looksLikePickle(head, 2 ** 31)).toBe(true);
  });

  test('the bytes of tensors are none', () => {
    let taken = 0;
    for (let seed = 1; seed <= 2_000; seed++) {
      const weights = Float32Array.from(
        { length: 256 },
        (_, index) => Math.sin(seed * 7919 + index * 104_729) / seed,
      );
      const bytes = new Uint8Array(weights.buffer);
      if (looksLikePickle(bytes, bytes.length)) taken += 1;
    }
    expect(taken).toBeLessThan(20);
  });
});

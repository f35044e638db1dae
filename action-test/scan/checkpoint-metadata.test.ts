import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OddMetadata, readCheckpointMetadata } from '../../shared/models/scan/checkpoint/metadata.ts';
import { checkpointMetadata, METADATA, object, storageInfo } from './checkpoint-writer.ts';

const read = (bytes: Uint8Array | string) =>
  readCheckpointMetadata(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes));
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const INFO = 'ctorch.distributed.checkpoint.filesystem\n_StorageInfo\n)\x81';
const attributes = (offset: string) =>
  `}(X\r\x00\x00\x00relative_pathX\x0c\x00\x00\x00__0_0.distcpX\x06\x00\x00\x00offset${offset}X\x06\x00\x00\x00lengthK\x05u`;

test('every piece is told, whatever memo, protocol and frames are used', () => {
  const pieces = [
    { path: '__0_0.distcp', offset: 0, length: 1_000 },
    { path: '__12_3.distcp', offset: 1_000, length: 2 ** 31 - 1 },
  ];
  const infos = pieces.map(({ path, offset, length }) => storageInfo(path, offset, length));
  const properties = object(METADATA, 'TensorProperties');
  const layout = 'ctorch.serialization\n_get_layout\nX\r\x00\x00\x00torch.strided\x85R';
  const state = `(ctorch\nfloat32\n${layout}\x89c${METADATA}\n_MEM_FORMAT_ENCODING\nK\x00\x85R\x89ctorch\nSize\nK\x03\x85\x85RNGAAAAAAAAtb`;
  const folder = 'cpathlib\nPosixPath\nX\x01\x00\x00\x00/X\x01\x00\x00\x00a\x86R';
  expect(read(checkpointMetadata(infos))).toEqual(pieces);
  expect(read(checkpointMetadata(infos, 5))).toEqual(pieces);
  expect(read(checkpointMetadata([]))).toEqual([]);
  expect(
    read(`\x80\x04\x95${'\x00'.repeat(8)}${latin1(properties)}${state}${folder}](K\x01J\xff\xff\xff\xffe.`),
  ).toEqual([]);
});

test('the memo holds names and classes; offsets may have six bytes', () => {
  const memoized = `\x80\x02]q\x00(cpathlib\nPosixPath\nq\x01h\x01j\x01\x00\x00\x00e${INFO}${attributes('\x8a\x06\x00\x00\x00\x00\x00\x01')}b.`;
  expect(read(memoized)).toEqual([{ path: '__0_0.distcp', offset: 2 ** 40, length: 5 }]);
});

describe('what torch does not write there is refused', () => {
  test.each<[string, string]>([
    ['no attributes that are known', `${INFO}}b.`],
    ['an offset below 0', `${INFO}${attributes('\x8a\x01\xff')}b.`],
    ['an offset of many bytes', `${INFO}${attributes(`\x8a\x07${'\x01'.repeat(7)}`)}b.`],
    ['an offset that is a truth', `${INFO}${attributes('\x88')}b.`],
    ['an object that gets attributes twice', `${INFO}${attributes('K\x01')}b${attributes('K\x02')}b.`],
    ['an object of another class with such', `c${METADATA}\nStorageMeta\n)\x81${attributes('K\x01')}b.`],
    ['attributes of which some are not known', `${INFO}${attributes('K\x01')}N)sb.`],
    ['attributes in a tuple', `${INFO}N${attributes('K\x01')}\x86b.`],
    [
      'properties of a tensor in a dictionary',
      `c${METADATA}\nTensorProperties\n)\x81${attributes('K\x01')}b.`,
    ],
    ['a class with other attributes', `c${METADATA}\nMetadata\n${attributes('K\x01')}b.`],
    ['a call of a class', `c${METADATA}\nMetadata\n)R.`],
    ['a call of what is not imported', 'N)R.'],
    ['a call of what is not known', 'cos\nsystem\n)R.'],
    ['an object of another class', 'cargparse\nNamespace\n)\x81.'],
    ['an object with arguments', `c${METADATA}\nMetadata\nN\x85\x81.`],
    ['a name in a text that no text is', 'NN\x93.'],
    ['more than a list', 'ccollections\ndeque\nNa.'],
    ['more than a dictionary', 'ccollections\nOrderedDict\nNNs.'],
    ['a dictionary with half an entry', '}(Nu.'],
    ['a memo out of order', 'Nq\x01.'],
    ['a memo that was never filled', 'h\x00.'],
    ['an empty stack', 'a.'],
    ['a value from below the mark', 'N(q\x00.'],
    ['no mark', 't.'],
    ['an opcode of old', "S'a'\n."],
    ['a name without an end', 'ctorch'],
    ['a number without an end', 'J\x00'],
    ['a text without an end', 'X\xff\xff\xff\xffa.'],
    ['no STOP', 'N'],
    ['nothing', ''],
  ])('%s', (_what, bytes) => {
    expect(() => read(bytes)).toThrow(OddMetadata);
  });
});

test('nothing that bytes hold makes it fail otherwise', () => {
  const whole = checkpointMetadata([storageInfo('__0_0.distcp', 0, 5)]);
  const changed = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), end: fc.nat(whole.length) });
  fc.assert(
    fc.property(changed, ({ at, byte, end }) => {
      const bytes = whole.slice(0, end);
      bytes[at] = byte;
      try {
        read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(OddMetadata);
      }
    }),
  );
});

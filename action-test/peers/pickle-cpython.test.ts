/** The opcode machine of the safety scan against CPython's unpicklers and pickletools. */
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../shared/models/scan/byte-reader.ts';
import type { Found } from '../../shared/models/scan/finding.ts';
import { looksLikePickle } from '../../shared/models/scan/pickle/looks-like-pickle.ts';
import { ARGUMENT, NO_OPCODE } from '../../shared/models/scan/pickle/opcodes.ts';
import { python3Name } from '../../shared/models/scan/pickle/python2-names.ts';
import { readPickle } from '../../shared/models/scan/pickle/read-pickle.ts';
import { scanPickle } from '../../shared/models/scan/pickle/scan-pickle.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, LONGEST, python, requirePython } from './oracle.ts';

const STREAMS = 10_000;
const random = randomGenerator(20_261_127);
const below = (count: number): number => Math.floor(random() * count);
const OPCODES = [...ARGUMENT.keys()].filter((byte) => ARGUMENT[byte] !== NO_OPCODE);

const readerOf = (bytes: Uint8Array): ByteReader => {
  let left: Uint8Array | null = bytes;
  return new ByteReader({
    read: async () => {
      const part = left;
      left = null;
      return part;
    },
  });
};

interface Told {
  imports: Set<string>;
  unresolved: number;
  problems: string[];
}

/** What the machine tells of one stream, read as `pickle.load` reads it. */
async function told(bytes: Uint8Array): Promise<Told> {
  const imports = new Set<string>();
  const of: Told = { imports, unresolved: 0, problems: [] };
  const nothing = () => undefined;
  await readPickle(
    readerOf(bytes),
    {
      imported: ({ module, name }) => imports.add(`${module} ${name}`),
      unresolved: () => {
        of.unresolved += 1;
      },
      problem: (what) => of.problems.push(what),
      called: nothing,
      calledUnknown: nothing,
      reaches: nothing,
      patched: nothing,
      refused: nothing,
      persistent: nothing,
      nested: async () => undefined,
    },
    {},
  );
  return of;
}

function mutated(corpus: readonly Buffer[]): Buffer {
  let bytes = Buffer.from(corpus[below(corpus.length)]!);
  for (let left = 1 + below(4); left > 0; left--) {
    const at = below(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const length = 1 + below(12);
    switch (below(7)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.from([below(256)]), after.subarray(1)]);
        break;
      case 1:
        bytes = Buffer.concat([before, Buffer.from([OPCODES[below(OPCODES.length)]!]), after.subarray(1)]);
        break;
      case 2:
        bytes = Buffer.concat([before, Buffer.from([OPCODES[below(OPCODES.length)]!]), after]);
        break;
      case 3:
        bytes = Buffer.concat([before, after.subarray(length)]);
        break;
      case 4:
        bytes = Buffer.concat([before, after.subarray(0, length), after]);
        break;
      case 5: {
        const other = corpus[below(corpus.length)]!;
        bytes = Buffer.concat([before, other.subarray(below(other.length))]);
        break;
      }
      default: {
        // A part of a pickle in the middle of another: names and calls meet.
        const other = corpus[below(corpus.length)]!;
        const from = below(other.length);
        bytes = Buffer.concat([before, other.subarray(from, from + 4 * length), after]);
      }
    }
  }
  return bytes;
}

async function findingsIn(bytes: Uint8Array): Promise<Found[]> {
  const found: Found[] = [];
  const context = {
    report: (one: Found) => found.push(one),
    inner: async () => undefined,
    randomAccess: () => Promise.reject(new Error('not here')),
    unpacked: () => undefined,
    expect: () => undefined,
    memory: { hold: () => undefined, release: () => undefined },
    lookedIntoArchive: () => undefined,
    named: () => undefined,
    signal: new AbortController().signal,
  };
  await scanPickle(
    { place: { file: 'model.pkl', members: [] }, reader: readerOf(bytes), size: bytes.length },
    context,
  );
  return found;
}

interface Answer {
  imports: [string, string][];
  opcodes: [number, boolean];
}

requirePython();

describe.skipIf(!python)('pickles', () => {
  test(
    'every import that CPython reaches is told, on streams mutated at random',
    async () => {
      const corpus = ask<string>([{}], 'pickle_oracle.py').map((data) => Buffer.from(data, 'hex'));
      const streams = Array.from({ length: STREAMS }, (_, index) => corpus[index] ?? mutated(corpus));
      const answers = ask<Answer>(
        streams.map((stream) => ({ data: stream.toString('base64') })),
        'pickle_oracle.py',
      );
      let reached = 0;
      for (const [index, stream] of streams.entries()) {
        const { imports, unresolved, problems } = await told(stream);
        // The reader in C drops bytes there; the scan says that nobody can tell what is imported.
        const isCrossed = problems.some((what) => what.includes('across the end of its frame'));
        for (const [module, name] of answers[index]!.imports) {
          reached += 1;
          const current = python3Name(module, name);
          const isTold = imports.has(`${module} ${name}`) || imports.has(`${current.module} ${current.name}`);
          const isName =
            /^[\w.\u0080-\uffff]{0,255}$/.test(module) && /^[\w.\u0080-\uffff]{0,255}$/.test(name);
          const what = `${module} ${name} of stream ${index}: ${stream.toString('base64')}`;
          expect(isTold || ((!isName || isCrossed) && unresolved > 0), what).toBe(true);
        }
      }
      expect(reached).toBeGreaterThan(STREAMS);
    },
    LONGEST,
  );

  test('what pickletools reads to its end has no problem of form', async () => {
    const corpus = ask<string>([{}], 'pickle_oracle.py').map((data) => Buffer.from(data, 'hex'));
    const answers = ask<Answer>(
      corpus.map((stream) => ({ data: stream.toString('base64') })),
      'pickle_oracle.py',
    );
    for (const [index, stream] of corpus.entries()) {
      const { problems } = await told(stream);
      const isWhole = answers[index]!.opcodes[1];
      if (isWhole) expect(problems.filter((what) => what.includes('opcode'))).toEqual([]);
      else expect(problems).not.toEqual([]);
    }
  });

  test.each([
    ['estimators of scikit-learn', 'sklearn_pickles.py', 1_000],
    ['frames, arrays and values of Python', 'ordinary_pickles.py', 500],
  ])(
    '%s pass, of every protocol and of joblib',
    async (_, program, least) => {
      const saved = ask<{ name: string; data: string }>([], program);
      expect(saved.length).toBeGreaterThan(least);
      for (const { name, data } of saved) {
        const bytes = Buffer.from(data, 'hex');
        expect(looksLikePickle(bytes.subarray(0, 4096), bytes.length), name).toBe(true);
        expect(await findingsIn(bytes), name).toEqual([]);
      }
    },
    LONGEST,
  );
});

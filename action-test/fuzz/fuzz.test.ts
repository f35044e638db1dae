/** A few hundred cases for each parser, the same every time; `npm test -- --fuzz` draws millions. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Dice } from './dice.ts';
import type { Fault } from './faults.ts';
import { fuzz } from './fuzz.ts';
import { type Look, lookWith, type Outcome } from './look.ts';
import { allSeeds, PARSERS } from './seeds.ts';

const CASES = 200;
const seeds = allSeeds(undefined);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuzz-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Of text, so that nothing but the planted fault is found. */
async function faultsOf(look: Look, cases = 300): Promise<Fault[]> {
  const faults: Fault[] = [];
  await fuzz({
    parser: 'text',
    seeds: seeds.get('text')!,
    dice: new Dice(2),
    look,
    temporaryFolder: folder,
    failed: (fault) => faults.push(fault),
    isOver: (count) => count >= cases,
  });
  return faults;
}

describe('no mutated file makes the scan crash, say too much, depend on how bytes come or leave files', () => {
  test.each(PARSERS)('%s', async (parser) => {
    const all = seeds.get(parser)!;
    expect(all.length).toBeGreaterThan(0);
    // Seeds alone may be some hundred: the same few of them every time.
    const some = all.filter((_, index) => index % Math.ceil(all.length / 50) === 0);
    const faults: (Fault & { input: string })[] = [];
    await fuzz({
      parser,
      seeds: some,
      dice: new Dice(20_261_127),
      look: lookWith(folder),
      temporaryFolder: folder,
      failed: (fault, bytes) => faults.push({ ...fault, input: Buffer.from(bytes).toString('base64') }),
      isOver: (cases) => cases >= CASES,
    });
    expect(faults).toEqual([]);
  });
});

describe('what a scan does wrong is found', () => {
  const nothing: Outcome = { formats: ['text'], findings: [] };
  const saying = (what: string): Outcome => ({
    formats: ['text'],
    findings: [{ members: [], rule: 'unreadable', offset: null, what }],
  });

  test('nothing, where there is nothing', async () => {
    expect(await faultsOf(async () => nothing)).toEqual([]);
    expect(await faultsOf(async () => saying('Reading it fails: its header is cut off.'))).toEqual([]);
  });

  test.each<[string, Fault['kind'], Look]>([
    ['an error that leaves it', 'crash', async () => Promise.reject(new Error('planted'))],
    ['an endless text', 'unbounded', async () => saying('a'.repeat(5_000))],
    [
      'findings without end',
      'unbounded',
      async () => ({ ...nothing, findings: Array(30_000).fill(saying('a').findings[0]) }),
    ],
    [
      'another answer for other parts',
      'differs',
      async (_bytes, sizes) => (sizes.length > 1 ? nothing : saying('a')),
    ],
    [
      'other formats for other parts',
      'differs',
      async (_bytes, sizes) => ({ ...nothing, formats: sizes.length > 1 ? ['json'] : ['text'] }),
    ],
  ])('%s', async (_name, kind, look) => {
    const faults = await faultsOf(look, 30);
    expect(faults.map((fault) => fault.kind)).toContain(kind);
  });

  test('a mistake that V8 names, in the text of a finding', async () => {
    const mistakes = [
      () => (undefined as unknown as string[])[0],
      () => new Array(-1),
      () => (1n as unknown as number) + 1,
      () => new DataView(new ArrayBuffer(1)).getUint32(0),
      () => Buffer.alloc(1).readUInt32LE(0),
      () => 'a'.repeat(2 ** 40),
      () => (1 as unknown as () => void)(),
    ];
    for (const mistake of mistakes) {
      let said = '';
      try {
        mistake();
      } catch (error) {
        said = (error as Error).message;
      }
      expect(await faultsOf(async () => saying(`Reading it fails: ${said}.`), 20), said).not.toEqual([]);
    }
  });
});

test('one seed draws the same cases every time, and another one others', async () => {
  const drawn = async (seed: number) => {
    const cases: string[] = [];
    await fuzz({
      parser: 'json',
      seeds: seeds.get('json')!,
      dice: new Dice(seed),
      look: lookWith(folder),
      temporaryFolder: folder,
      begins: (bytes) => cases.push(Buffer.from(bytes).toString('latin1')),
      failed: () => undefined,
      isOver: (count) => count >= 200,
    });
    return cases;
  };
  const first = await drawn(1);
  expect(await drawn(1)).toEqual(first);
  expect(await drawn(2)).not.toEqual(first);
});

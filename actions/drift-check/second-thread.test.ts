import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { readInputs } from '../../shared/runtime/inputs.ts';
import { silentLog } from '../../shared/testing/silent-log.ts';
import { type Assessment, type AssessOptions, assess, conclude, prepare } from './assess.ts';
import { definition } from './main.ts';
import { findOnTwoThreads, type SecondThread, startSecondThread } from './second-thread.ts';
import type { DriftTable } from './table.ts';
import { categorical, normalNumbers, numeric, policyOf, randomNumbers, tableOf } from './test-tables.ts';

function someTable(seed: number, shift: number): DriftTable {
  const random = randomNumbers(seed);
  const normal = normalNumbers(random);
  return tableOf({
    ...Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [
        `n${at}`,
        numeric(2000, () => normal() + (at === 3 ? shift : 0)),
      ]),
    ),
    kind: categorical(2000, () => (random() < 0.1 ? null : `kind ${Math.floor(random() * 20)}`)),
    words: categorical(2000, () => `four words and ${Math.floor(random() * 1e6)}`),
  });
}

const options: AssessOptions = { policy: policyOf(), metrics: [], importance: new Map(), times: [] };

let second: SecondThread;
afterEach(() => second.end());

async function assessOnTwo(
  before: DriftTable,
  now: DriftTable,
  asked: AssessOptions = options,
): Promise<Assessment> {
  const prepared = prepare(before, now, asked);
  return conclude(prepared, await findOnTwoThreads(prepared, second));
}

describe('two threads', () => {
  test('find what one finds', async () => {
    second = (await startSecondThread(2))!;
    const [before, now] = [someTable(1, 0), someTable(2, 0.5)];
    const alone = assess(before, now, options);
    expect(await assessOnTwo(before, now)).toEqual(alone);
    expect(alone.columns.find(({ name }) => name === 'n3')?.status).toBe('drifts');
    expect(alone.multivariate?.columns).toContainEqual(expect.objectContaining({ name: 'n3', drifts: true }));
  });

  test('the second one compares what is numeric, and what all columns show', async () => {
    second = (await startSecondThread(2))!;
    const { paired, sides, sample } = prepare(someTable(1, 0), someTable(2, 0.5), options);
    const pairs = paired.pairs.slice(0, 12);
    const taken = Int32Array.from(pairs, (_, at) => Number(at === 5));
    const answered = await second.ask({ sample, pairs, policy: options.policy, sides, taken });
    expect([...answered.compared.keys()]).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
    expect(answered.together?.multivariate?.status).toBe('drifts');
  });

  test('say of a column that cannot be compared what one says', async () => {
    second = (await startSecondThread(2))!;
    const policy = policyOf({ features: { n1: { kind: 'text' } } });
    const run = assessOnTwo(someTable(1, 0), someTable(2, 0), { ...options, policy });
    await expect(run).rejects.toThrow(/n1 holds no text/);
  });

  test('when one of them is stopped, the other does all', async () => {
    second = (await startSecondThread(2))!;
    await second.end();
    const [before, now] = [someTable(1, 0), someTable(2, 0.5)];
    expect(await assessOnTwo(before, now)).toEqual(assess(before, now, options));
  });
});

test('where there is one processor no thread is started', async () => {
  expect(await startSecondThread(1)).toBeUndefined();
});

test('files so large that a thread is started are compared as they were given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'second-thread-'));
  try {
    const write = async (name: string, shift: number): Promise<string> => {
      const normal = normalNumbers(randomNumbers(shift + 1));
      const lines = Array.from({ length: 30_000 }, () => `${normal()},${normal() + shift}`);
      await writeFile(join(folder, name), `steady,moved\n${lines.join('\n')}\n`);
      return join(folder, name);
    };
    const given: Record<string, string> = {
      name: 'model',
      reference: await write('before.csv', 0),
      data: await write('now.csv', 3),
    };
    const { record } = await definition.run(
      readInputs(definition.inputs, (name) => given[name]),
      {
        log: silentLog,
        signal: new AbortController().signal,
        env: process.env,
        now: () => new Date('2001-07-01T00:00:00Z'),
        source: { repository: null, commit: null, runUrl: null },
        records: new RecordFolder(join(folder, 'records'), 'model'),
        temporaryFolder: folder,
        cacheFolder: process.env.RUNNER_TOOL_CACHE ?? join(homedir(), '.cache', 'mlops-actions'),
        saveState: () => undefined,
      },
    );
    const { columns } = record as DriftCheck;
    const means = columns.map(({ name, status, reference, data }) => [
      ...[name, status],
      ...[reference, data].map((side) => Math.abs(Math.round(side!.mean!))),
    ]);
    expect(means.sort()).toEqual([
      ['moved', 'drifts', 0, 3],
      ['steady', 'steady', 0, 0],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

import { afterEach, describe, expect, test } from 'vitest';
import { type Assessment, type AssessOptions, assess, conclude, prepare } from './assess.ts';
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

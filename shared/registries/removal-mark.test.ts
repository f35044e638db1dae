import { expect, test } from 'vitest';
import { type RemovalMark, removedMeanwhile, removeMarked, staysAfterMove } from './removal-mark.ts';

const now = () => new Date('2026-01-01T00:00:00Z');

/** A store whose every request waits until the schedule lets its job go on. */
function makeStore(startsAt: { alias?: string } = {}) {
  const marks = new Map<string, string>();
  const state = { isThere: true, alias: startsAt.alias };
  const waiting = new Map<string, () => void>();
  const request = async <Result>(job: string, work: () => Result): Promise<Result> => {
    await new Promise<void>((resolve) => waiting.set(job, resolve));
    return work();
  };
  const markOf = (job: string): RemovalMark => ({
    put: (at) => request(job, () => void marks.set(job, at)),
    all: () => request(job, () => [...marks.values()]),
    clear: () => request(job, () => void marks.delete(job)),
  });
  const remove = (job: string) =>
    removeMarked(markOf(job), now, {
      refuse: () =>
        request(job, () => {
          if (state.alias === 'x') throw new Error('aliased');
        }),
      remove: () =>
        request(job, () => {
          state.isThere = false;
        }),
    });
  const move = async (job: string) => {
    const before = state.alias;
    if (!(await request(job, () => state.isThere))) throw removedMeanwhile('champion', 'x');
    await request(job, () => {
      state.alias = 'x';
    });
    const wait = () => request(job, () => undefined);
    const isThere = () => request(job, () => state.isThere);
    if (await staysAfterMove(markOf(job), { now, wait, isThere })) return;
    await request(job, () => {
      state.alias = before;
    });
    throw removedMeanwhile('champion', 'x');
  };
  return { state, waiting, marks, remove, move };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs two jobs, of which the next bit of the schedule lets one do its next request. */
async function run(schedule: number, store: ReturnType<typeof makeStore>): Promise<string[]> {
  const jobs = [store.remove('removal'), store.move('move')];
  const results = Promise.allSettled(jobs);
  for (let step = 0; ; step++) {
    await settle();
    const [first, second] = ['removal', 'move'].filter((job) => store.waiting.has(job));
    if (first === undefined) break;
    const job = second !== undefined && (schedule >> step) & 1 ? second : first;
    const resume = store.waiting.get(job)!;
    store.waiting.delete(job);
    resume();
  }
  return (await results).map(({ status }) => status);
}

test('in every order of their requests a removal and a move leave no alias that points to nothing', async () => {
  const seen = new Set<string>();
  for (let schedule = 0; schedule < 2 ** 9; schedule++) {
    const store = makeStore({ alias: 'before' });
    const [removal, move] = await run(schedule, store);
    seen.add(`${removal} ${move}`);
    expect(store.state.isThere || store.state.alias !== 'x', `schedule ${schedule}`).toBe(true);
    // Whoever was told that it is done can count on it.
    expect(store.state.isThere).toBe(removal === 'rejected');
    expect(store.state.alias).toBe(move === 'fulfilled' ? 'x' : 'before');
    expect(store.marks.size).toBe(0);
  }
  // One of the two always has its way.
  expect([...seen].sort()).toEqual(['fulfilled rejected', 'rejected fulfilled']);
});

test('a mark that a removal left behind holds the version for an hour and no longer', async () => {
  let looks = 0;
  const stays = (at: string) =>
    staysAfterMove(
      {
        all: async () => {
          looks++;
          return [at];
        },
      },
      { now, wait: async () => undefined, isThere: async () => true },
    );
  expect(await stays('2025-12-31T23:30:00Z')).toBe(false);
  expect(looks).toBe(20);
  expect(await stays('2025-12-31T22:59:59Z')).toBe(true);
  expect(await stays('no time')).toBe(false);
});

test('a removal that fails takes its mark away', async () => {
  let isCleared = false;
  const mark: RemovalMark = {
    put: async () => undefined,
    all: async () => [],
    clear: async () => {
      isCleared = true;
      throw new Error('that, too');
    },
  };
  const remove = async () => {
    throw new Error('no deletes here');
  };
  await expect(removeMarked(mark, now, { refuse: async () => undefined, remove })).rejects.toThrow(
    'no deletes here',
  );
  expect(isCleared).toBe(true);
});

/** A second thread that compares columns: `second-thread.ts` starts it with this module's own address. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import type { ChunkedSides } from './chunked-columns.ts';
import { type ColumnPair, type Compared, compareColumn } from './compare-column.ts';
import { judgeTogether, type Together, type TogetherSample } from './multivariate/judge-together.ts';

/** What is asked of the thread; it answers with any number of `ThreadAnswer`s, the last of which says `done`. */
export interface ThreadQuestion {
  sample: TogetherSample;
  pairs: readonly ColumnPair[];
  policy: DriftPolicy;
  sides: ChunkedSides;
  /** Shared by both threads, one number a pair: 1 where one of them has taken it. */
  taken: Int32Array;
}

export type ThreadAnswer = { together: Together } | { at: number; compared: Compared } | 'done';

/** Takes a pair, unless the other thread has. */
export const take = (taken: Int32Array, at: number): boolean => Atomics.exchange(taken, at, 1) === 0;

export const address = import.meta.url;
/** Tells this module that it is the one that the thread was started for. */
export const PURPOSE = 'compare columns';

if (!isMainThread && parentPort && workerData === PURPOSE) {
  const port = parentPort;
  const answer = (one: ThreadAnswer): void => port.postMessage(one);
  port.on('message', ({ sample, pairs, policy, sides, taken }: ThreadQuestion) => {
    answer({ together: judgeTogether(sample) });
    for (const [at, pair] of pairs.entries()) {
      if (!take(taken, at)) continue;
      try {
        answer({ at, compared: compareColumn(pair, policy, sides) });
      } catch {
        // The same comparison on the first thread throws the same error.
      }
    }
    answer('done');
  });
}

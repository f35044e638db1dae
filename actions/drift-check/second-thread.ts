/**
 * Compares the columns on two threads. What comes out is the same as on one: each column is compared by itself, and
 * what the second thread could not do is done by the first.
 */
import { availableParallelism } from 'node:os';
import type { Found, Prepared } from './assess.ts';
import type { ThreadAnswer, ThreadQuestion } from './column-worker.ts';
import { type Compared, compareColumn, compareTimeColumn } from './compare-column.ts';
import { judgeTogether, type Together } from './multivariate/judge-together.ts';

/** What a thread has found, the pairs by their places in the question. */
interface Answered {
  together?: Together;
  compared: Map<number, Compared>;
}

export interface SecondThread {
  take: (taken: Int32Array, at: number) => boolean;
  /** Of a thread that broke: what it had found by then. */
  ask(question: ThreadQuestion): Promise<Answered>;
  end(): Promise<unknown>;
}

/** @returns undefined where there is one processor, which two threads would only share. */
export async function startSecondThread(
  processors = availableParallelism(),
): Promise<SecondThread | undefined> {
  if (processors < 2) return undefined;
  const [{ Worker }, { address, PURPOSE, take }] = await Promise.all([
    import('node:worker_threads'),
    import('./column-worker.ts'),
  ]);
  const worker = new Worker(new URL(address), { workerData: PURPOSE, execArgv: [] });
  const answered: Answered = { compared: new Map() };
  const ended = new Promise<void>((resolve) => {
    worker.on('message', (answer: ThreadAnswer) => {
      if (answer === 'done') resolve();
      else if ('together' in answer) answered.together = answer.together;
      else answered.compared.set(answer.at, answer.compared);
    });
    for (const event of ['error', 'messageerror', 'exit'] as const) worker.on(event, () => resolve());
  });
  return {
    take,
    async ask(question) {
      worker.postMessage(question);
      await ended;
      return answered;
    },
    end: () => worker.terminate(),
  };
}

/**
 * Compares every pair, and judges the columns together.
 * @throws UserError for the first column that cannot be compared.
 */
export async function findOnTwoThreads(prepared: Prepared, second: SecondThread): Promise<Found> {
  const { paired, sides, sample } = prepared;
  const { policy } = prepared.options;
  // Texts are slow to hand over.
  const numeric = paired.pairs.filter(
    ({ before, now }) => before.kind === 'numeric' && now.kind === 'numeric',
  );
  const taken = new Int32Array(new SharedArrayBuffer(4 * numeric.length));
  const answers = second.ask({ sample, pairs: numeric, policy, sides, taken });
  const found = new Map<string, Compared>();
  const keep = (compare: () => Compared): void => {
    try {
      const one = compare();
      found.set(one.name, one);
    } catch {
      // Below it is compared again, where its turn is.
    }
  };
  for (const pair of paired.pairs)
    if (!numeric.includes(pair)) keep(() => compareColumn(pair, policy, sides));
  // The other thread begins at the front.
  for (let at = numeric.length - 1; at >= 0; at--)
    if (second.take(taken, at)) keep(() => compareColumn(numeric[at]!, policy, sides));
  for (const pair of paired.times) keep(() => compareTimeColumn(pair, policy));
  const { together, compared } = await answers;
  for (const [at, one] of compared) found.set(numeric[at]!.name, one);
  return {
    compared: [
      ...paired.pairs.map((pair) => found.get(pair.name) ?? compareColumn(pair, policy, sides)),
      ...paired.times.map((pair) => found.get(pair.name) ?? compareTimeColumn(pair, policy)),
    ],
    together: together ?? judgeTogether(sample),
  };
}

import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import type { History } from './history.ts';
import { readHistory } from './read-history.ts';

/** The earlier runs that the input history names, as far as they count; the log says how many do not, and why. */
export async function earlierRuns(
  given: Given & { history: string[] },
  { digest, columns }: { digest: string; columns: readonly { name: string }[] },
  { env, signal, log, now }: Pick<Deps, 'env' | 'signal' | 'log' | 'now'>,
): Promise<History> {
  const current = { name: given.name, digest, columns, now: now() };
  const access = { env, signal, progress: log.progress, githubToken: given.githubToken };
  const history = await readHistory(given.history, current, access);
  const without = history.leftOut.length > 0 ? `; left out: ${history.leftOut.join(', ')}` : '';
  log.info(`Compared with ${history.runs.length} earlier run(s)${without}`);
  return history;
}

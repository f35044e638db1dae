/** The one place where this action opens an engine, and closes it again. */
import { type Engine, openEngine } from '../../shared/data/engine.ts';
import type { Deps } from '../../shared/runtime/definition.ts';

export async function withEngine<Result>(
  deps: Deps,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await openEngine({
    cacheFolder: deps.cacheFolder,
    temporaryFolder: deps.temporaryFolder,
    env: deps.env,
    signal: deps.signal,
    progress: deps.log.progress,
  });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

import type { Registry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';

export interface Move {
  alias: string;
  from: string | null;
  to: string;
}

/** The account that runs this job, where the runner says so. */
export function actor(env: NodeJS.ProcessEnv): string | null {
  return env.GITHUB_TRIGGERING_ACTOR || env.GITHUB_ACTOR || null;
}

/**
 * Moves aliases one by one, each only if it still points where this job saw it.
 * @returns the moves that changed something.
 */
export async function moveAliases(
  registry: Registry,
  moves: Move[],
  operation: 'register' | 'promote' | 'rollback',
  reason: string | undefined,
  deps: Pick<Deps, 'env' | 'source'>,
): Promise<Move[]> {
  const changed = moves.filter((move) => move.from !== move.to);
  for (const { alias, from, to } of changed) {
    await registry.moveAlias(alias, {
      to,
      expected: from,
      operation,
      by: actor(deps.env) ?? undefined,
      runUrl: deps.source.runUrl ?? undefined,
      reason,
    });
  }
  return changed;
}

import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { AliasMove } from './registry-interface.ts';

/**
 * The history of an alias: every move with who and why. Going back is going back along it, so that two rollbacks
 * in a row reach the version before the version before, and do not swing between two.
 */
export const KEPT_MOVES = 1000;

const historySchema = z.array(
  z.object({
    to: z.string(),
    from: z.string().nullable(),
    at: z.string(),
    operation: z.enum(['register', 'promote', 'rollback']),
    by: z.string().optional(),
    runUrl: z.string().optional(),
    reason: z.string().optional(),
  }),
);

/** @throws UserError when the text is no history: it decides what serves, so nothing is guessed. */
export function parseHistory(text: string, alias: string): AliasMove[] {
  try {
    return historySchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`The history of the alias ${alias} cannot be read.`, {
      fix: 'Move the alias to the wanted version with operation: promote.',
      cause,
    });
  }
}

/**
 * The version an alias pointed to before, or undefined when there is none.
 * @param moves oldest first. @param current where the alias points now; when the history's end disagrees, an
 * interrupted job wrote a move that never took effect, or another tool moved the alias.
 */
export function previousDigest(moves: readonly AliasMove[], current: string): string | undefined {
  return earlierDigests(moves, current)[0];
}

/** All versions that `previousDigest` would reach one after the other, the nearest first. */
export function earlierDigests(moves: readonly AliasMove[], current: string): string[] {
  for (let length = moves.length; length > 0; length--) {
    if (moves[length - 1]?.to !== current) continue;
    return pathTo(moves.slice(0, length)).slice(0, -1).reverse();
  }
  return pathTo(moves).reverse();
}

/** The versions from the first to the present one, without those that were rolled back. */
function pathTo(moves: readonly AliasMove[]): string[] {
  const path: string[] = [];
  for (const move of moves) {
    // A move that begins elsewhere than the last one ended: another tool moved the alias in between.
    if (move.from !== null && path.at(-1) !== move.from && move.operation !== 'rollback')
      path.push(move.from);
    const back = move.operation === 'rollback' ? path.lastIndexOf(move.to) : -1;
    if (back >= 0) path.splice(back + 1);
    else if (path.at(-1) !== move.to) path.push(move.to);
  }
  return path;
}

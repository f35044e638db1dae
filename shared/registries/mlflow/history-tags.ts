/**
 * The history of an alias in tags of the registered model: `mlops.history.<alias>` and, as one tag has a limit,
 * `mlops.history.<alias>.2`, `.3` …, each a JSON list of moves, oldest first.
 */
import { UserError } from '../../errors.ts';
import { KEPT_MOVES, parseHistory } from '../alias-history.ts';
import type { AliasMove } from '../registry-interface.ts';
import type { Tag } from './api.ts';
import { LONGEST_VALUE } from './tags.ts';

const keyOf = (alias: string, part: number): string =>
  `mlops.history.${alias}${part === 1 ? '' : `.${part}`}`;

/** @throws UserError when a part cannot be read. */
export function readHistory(tags: Record<string, string>, alias: string): AliasMove[] {
  return parts(tags, alias).flat().slice(-KEPT_MOVES);
}

/** The tag to set so that a move is added. @throws UserError when the move alone is longer than a tag. */
export function historyTag(tags: Record<string, string>, alias: string, move: AliasMove): Tag {
  const present = parts(tags, alias);
  const last = JSON.stringify([...(present.at(-1) ?? []), move]);
  if (last.length <= LONGEST_VALUE) return { key: keyOf(alias, Math.max(1, present.length)), value: last };
  const value = JSON.stringify([move]);
  if (value.length > LONGEST_VALUE) {
    throw new UserError(`The reason is longer than a tag of MLflow, which has ${LONGEST_VALUE} characters.`, {
      fix: 'Shorten it, and link to what is longer.',
    });
  }
  return { key: keyOf(alias, present.length + 1), value };
}

function parts(tags: Record<string, string>, alias: string): AliasMove[][] {
  const found: AliasMove[][] = [];
  for (let part = 1; tags[keyOf(alias, part)] !== undefined; part++) {
    found.push(parseHistory(tags[keyOf(alias, part)] ?? '', alias));
  }
  return found;
}

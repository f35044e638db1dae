import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ObjectStore } from '../../aws/object-store.ts';
import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import { AliasMovedError } from '../alias.ts';
import { KEPT_MOVES, parseHistory } from '../alias-history.ts';
import type { AliasChange, AliasMove } from '../registry-interface.ts';
import { changeDocument } from './documents.ts';
import { aliasFolder, aliasKey, aliasOfKey } from './keys.ts';

/** SageMaker has no aliases: each is an object, in which its whole history stands; the last move is where it points. */
const aliasSchema = z.object({ moves: z.array(z.unknown()) });

/** Every move of an alias, oldest first. @throws UserError when the object cannot be read. */
export async function readMoves(store: ObjectStore, name: string, alias: string): Promise<AliasMove[]> {
  const present = await store.read(aliasKey(name, alias));
  return movesOf(present && new TextDecoder().decode(present.bytes), alias);
}

function movesOf(text: string | undefined, alias: string): AliasMove[] {
  if (text === undefined) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const moves = aliasSchema.safeParse(parsed);
  return parseHistory(moves.success ? JSON.stringify(moves.data.moves) : '', alias);
}

/** Alias to digest, by name. Without a prototype: an alias may be called `constructor`. */
export async function readAliases(store: ObjectStore, name: string): Promise<Record<string, string>> {
  const keys = await store.list(aliasFolder(name));
  const names = keys.flatMap(({ key }) => aliasOfKey(name, key) ?? []).sort((a, b) => (a < b ? -1 : 1));
  const found = new Map<string, string>();
  await inParallel(names, async (alias) => {
    const last = (await readMoves(store, name, alias)).at(-1);
    if (last) found.set(alias, last.to);
  });
  const aliases: Record<string, string> = Object.create(null);
  for (const alias of names) {
    const digest = found.get(alias);
    if (digest !== undefined) aliases[alias] = digest;
  }
  return aliases;
}

/**
 * @returns what takes the move back, unless the alias was moved again.
 * @throws AliasMovedError when it points elsewhere than `expected`.
 */
export async function moveAliasObject(
  store: ObjectStore,
  name: string,
  alias: string,
  change: AliasChange,
  now: () => Date,
): Promise<() => Promise<void>> {
  if (/^\d+$/.test(alias)) {
    throw new UserError(`The alias ${alias} would be taken for a version's number.`, {
      fix: 'Choose another, e.g. champion.',
    });
  }
  const { to, expected, operation = 'promote', ...why } = change;
  // Tells this write from another job's, when an answer was lost.
  const write = randomUUID();
  await changeDocument(store, aliasKey(name, alias), (present) => {
    const moves = movesOf(present, alias);
    const from = moves.at(-1)?.to ?? null;
    if (from === to) return undefined;
    if (expected !== undefined && from !== expected)
      throw new AliasMovedError(alias, expected, from ?? undefined);
    const move: AliasMove = { to, from, at: now().toISOString(), operation, ...why };
    return JSON.stringify({ alias, moves: [...moves, move].slice(-KEPT_MOVES), write });
  });
  return () =>
    changeDocument(store, aliasKey(name, alias), (present) => {
      if (present === undefined || JSON.parse(present).write !== write) return undefined;
      return JSON.stringify({ alias, moves: movesOf(present, alias).slice(0, -1), write: randomUUID() });
    });
}

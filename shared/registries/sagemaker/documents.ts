import type { ObjectStore } from '../../aws/object-store.ts';
import { UserError } from '../../errors.ts';

/** How often another job may be faster before this one gives up. */
const TRIES = 20;

/**
 * Changes a small JSON object in one atomic step: what another job wrote meanwhile is read again and never lost.
 * @param change is given the present text (undefined when there is none) and answers the new one; undefined leaves all
 * as it is. It may be called several times.
 */
export async function changeDocument(
  store: ObjectStore,
  key: string,
  change: (present: string | undefined) => Promise<string | undefined> | string | undefined,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const present = await store.read(key);
    const next = await change(present && new TextDecoder().decode(present.bytes));
    if (next === undefined) return;
    const bytes = new TextEncoder().encode(next);
    if (await store.putIf(key, bytes, present ? { etag: present.etag } : 'absent')) return;
  }
  throw new UserError(`Other jobs keep changing ${store.uriOf(key)}.`, {
    fix: 'Run again when they are done.',
  });
}

/** What a person does about an object whose bytes are damaged, in one sentence. */
export function mendObject(store: ObjectStore, key: string): string {
  return `Delete ${store.uriOf(key)} and register the model again: what is missing is stored anew.`;
}

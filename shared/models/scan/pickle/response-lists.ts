import { areResponses } from './special-keys.ts';
import { FRESH_LIST, RESPONSE_METHODS, SHARED_LIST, type Value } from './values.ts';

/** What lies on the stack for a list. @param items undefined where they are too many to be looked into. */
export function listOf(items: readonly Value[] | undefined): Value {
  if (items?.length === 0) return FRESH_LIST;
  return items && areResponses(items) ? RESPONSE_METHODS : undefined;
}

/** Follows lists of the methods by which scorers may ask: one of them could grow where only the memo holds it. */
export class ResponseLists {
  /** Whether a scorer has one. */
  areUsed = false;
  #areChanged = false;

  /** Whether a scorer could have a list that is another one by now. */
  get areDoubtful(): boolean {
    return this.areUsed && this.#areChanged;
  }

  /** @returns what lies on the stack then. */
  append(target: Value & symbol, items: readonly Value[] | undefined): Value {
    if (target === FRESH_LIST) return listOf(items);
    const isMore = items !== undefined && areResponses(items);
    if (target === SHARED_LIST) this.#areChanged = true;
    if (target !== RESPONSE_METHODS || isMore) return target;
    this.#areChanged = true;
    return undefined;
  }
}

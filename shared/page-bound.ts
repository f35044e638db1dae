import { UserError } from './errors.ts';

const MOST_PAGES = 10_000;
const MOST_ENTRIES = 100_000;

/** Ends the reading of a list that comes in pages from a server that is broken, or wants this job to never end. */
export class PageBound {
  readonly #what: string;
  readonly #mostEntries: number;
  readonly #seen = new Set<string>();
  #entries = 0;

  /** @param what is listed, e.g. `the tags of ghcr.io/acme/churn`. @param mostEntries of all pages together. */
  constructor(what: string, mostEntries: number = MOST_ENTRIES) {
    this.#what = what;
    this.#mostEntries = mostEntries;
  }

  /**
   * Told of each page, before the next is asked for.
   * @param entries how many it had. @param next what names the page after it; undefined or empty for none.
   * @throws UserError when it names one that was read already, or when it is too much.
   */
  turn(entries: number, next: string | undefined): void {
    this.#entries += entries;
    if (next !== undefined && next !== '') {
      if (this.#seen.has(next)) {
        throw new UserError(`The list of ${this.#what} never ends: a page names one before it as the next.`, {
          fix: 'The server is broken, or a proxy before it keeps its answers: look at it, and run again.',
        });
      }
      this.#seen.add(next);
    }
    if (this.#entries <= this.#mostEntries && this.#seen.size <= MOST_PAGES) return;
    const read = this.#entries > this.#mostEntries ? `${this.#mostEntries} entries` : `${MOST_PAGES} pages`;
    throw new UserError(`The list of ${this.#what} has more than ${read}, and is not read on.`, {
      fix: 'Remove what is not needed any more there, or use a place of its own for each model.',
    });
  }
}

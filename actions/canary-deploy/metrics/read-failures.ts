import * as z from 'zod';

export const readFailuresSchema = z.strictObject({
  /** In a row. */
  count: z.number().int(),
  /** When the last one was counted: milliseconds since 1970. */
  at: z.number(),
});

/** Failures of a source of counts in a row, as a rollout keeps them from one job to the next. */
export class ReadFailures {
  #kept: z.infer<typeof readFailuresSchema> | undefined;

  constructor(kept?: z.infer<typeof readFailuresSchema>) {
    this.#kept = kept;
  }

  /** What is stored; undefined while the source answers. */
  get kept(): z.infer<typeof readFailuresSchema> | undefined {
    return this.#kept;
  }

  /** Counts one failure a look, however often a run asks meanwhile. @returns how many there are; 0 where none was counted. */
  count(at: number, intervalMs: number): number {
    if (this.#kept && at - this.#kept.at < intervalMs) return 0;
    this.#kept = { count: (this.#kept?.count ?? 0) + 1, at };
    return this.#kept.count;
  }

  forget(): void {
    this.#kept = undefined;
  }
}

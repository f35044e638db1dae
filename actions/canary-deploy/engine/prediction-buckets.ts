/**
 * Names under which predictions are counted: numbers by buckets of their sign and of 5 % growth (`n:120`, `n:0`,
 * `n:-120`), everything else by its class. A source that knows numbers uses these names, so that they can be ordered.
 */

const LOG_GROWTH = Math.log(1.05);
/** Added to every exponent, so that what is nearer to zero has the smaller number on both sides of it. */
const OFFSET = 20_000;
const LONGEST_CLASS = 100;

/** The name under which a prediction is counted; undefined for what is neither number, text nor truth value. */
export function predictionBucket(prediction: unknown): string | undefined {
  if (typeof prediction === 'number' && Number.isFinite(prediction)) {
    if (prediction === 0) return 'n:0';
    const place = Math.round(Math.log(Math.abs(prediction)) / LOG_GROWTH) + OFFSET;
    return `n:${prediction > 0 ? place : -place}`;
  }
  if (typeof prediction === 'string') return prediction.slice(0, LONGEST_CLASS);
  if (typeof prediction === 'boolean') return String(prediction);
  return undefined;
}

/** Counts by names that a record can keep: reading one drops a key `__proto__`, which a class may be called. */
export function recordableNames(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name === '__proto__' ? '(__proto__)' : name, count]),
  );
}

/** The place of a bucket of numbers among the others, ascending; undefined for a class. */
export function bucketPlace(name: string): number | undefined {
  return /^n:-?\d+$/.test(name) ? Number(name.slice(2)) : undefined;
}

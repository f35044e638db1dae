/**
 * Latencies as counts in buckets that grow by a twentieth, from 0.1 ms up. Counts of two moments can be added and
 * subtracted, and "slower than an edge" is exact, which a stored percentile could not give.
 */

/** Bucket index (as text, since it is JSON) to count. Bucket i holds latencies up to 0.1 · 1.05^i milliseconds. */
export type LatencyHistogram = Record<string, number>;

const FIRST_EDGE_MS = 0.1;
const GROWTH = 1.05;

/** The bucket of a latency in milliseconds. */
export function latencyBucket(milliseconds: number): number {
  if (!(milliseconds > FIRST_EDGE_MS)) return 0;
  return Math.ceil(Math.log(milliseconds / FIRST_EDGE_MS) / Math.log(GROWTH) - 1e-9);
}

/** The upper edge of a bucket in milliseconds. */
export function bucketEdge(bucket: number): number {
  return FIRST_EDGE_MS * GROWTH ** bucket;
}

/** The upper edge of the bucket that holds the q-quantile; null without counts. @param q 0 to 1. */
export function latencyQuantile(histogram: LatencyHistogram, q: number): number | null {
  const buckets = Object.entries(histogram).map(([bucket, count]) => [Number(bucket), count] as const);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [bucket, count] of buckets.toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= q * total - 1e-9) return bucketEdge(bucket);
  }
  return null;
}

/**
 * The largest edge that at least the share `1 − q` is slower than, so that "slower than the q-quantile" happens also
 * where many latencies share one bucket; null without counts. @param q 0 to 1.
 */
export function exceededEdge(histogram: LatencyHistogram, q: number): number | null {
  const quantile = latencyQuantile(histogram, q);
  if (quantile === null) return null;
  return bucketEdge(Math.max(0, latencyBucket(quantile) - 1));
}

/** How many latencies there are. */
export function countAll(histogram: LatencyHistogram): number {
  return Object.values(histogram).reduce((sum, count) => sum + count, 0);
}

/** How many were slower than `edgeMs`, which must be an edge (see `snapToEdge`) for the count to be exact. */
export function countSlower(histogram: LatencyHistogram, edgeMs: number): number {
  const limit = latencyBucket(edgeMs);
  return Object.entries(histogram).reduce(
    (sum, [bucket, count]) => sum + (Number(bucket) > limit ? count : 0),
    0,
  );
}

/** The edge at or above a duration in milliseconds. */
export function snapToEdge(milliseconds: number): number {
  return bucketEdge(latencyBucket(milliseconds));
}

/** The sum of two histograms. */
export function addHistograms(left: LatencyHistogram, right: LatencyHistogram): LatencyHistogram {
  const sum = { ...left };
  for (const [bucket, count] of Object.entries(right)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

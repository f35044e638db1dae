import type { LatencyHistogram } from './latency-histogram.ts';

/**
 * What is known of the latencies of one arm within one window. A source without a histogram must count `slow` above
 * the threshold that it was asked for, and give `p95` while there is none yet: the threshold `champion_p95` is then
 * the mean of the measuring windows' p95, weighted by their requests. Where `slow` is null nothing is concluded.
 */
export type WindowLatency =
  /** Counts in buckets: any share and percentile can be told. */
  | { histogram: LatencyHistogram }
  /**
   * Where the source counts by itself: those above the threshold that it was asked for (null without one), among the
   * `timed` requests (left out: all) whose latency it knows.
   */
  | { p50: number | null; p95: number | null; slow: number | null; timed?: number };

/** Who may answer a request. */
export type ArmName = 'champion' | 'challenger';

/** What one arm did within one window. */
export interface ArmWindow {
  /** Requests given to the arm; null where the source only sees those that ended, or they were not drawn one by one. */
  assigned: number | null;
  /** Requests that ended, well or badly. */
  requests: number;
  errors: number;
  /** Null where the source has none. */
  latency: WindowLatency | null;
  /**
   * Predictions by class, or by bucket of their number (see `prediction-buckets.ts`), at most one of each answer,
   * since what one request asks for goes to one arm together; null where the source does not see them.
   */
  predictions: Record<string, number> | null;
}

/** What was seen between two moments: the raw material of one look. */
export interface TrafficWindow {
  /** Grows from window to window; the first is 1 or more. */
  sequence: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  /** Per cent meant for the challenger throughout; null where the source does not know, and the weights' own log does. */
  weight: number | null;
  /**
   * Whether the challenger got copies of the champion's requests throughout; left out where the source does not know.
   * Where it did, both arms count only the requests that were copied.
   */
  mirrored?: boolean;
  champion: ArmWindow;
  challenger: ArmWindow;
}

/** From this moment on the weight was this one, in per cent. */
export interface WeightChange {
  /** Milliseconds since 1970. */
  at: number;
  weight: number;
  /** Whether the challenger got copies of the champion's requests from then on; left out where no step has any. */
  mirror?: boolean | undefined;
}

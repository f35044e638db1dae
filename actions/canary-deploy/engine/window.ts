import type { LatencyHistogram } from './latency-histogram.ts';

/** What one arm did within one window. */
export interface ArmWindow {
  /** Requests given to the arm. */
  assigned: number;
  /** Requests that ended, well or badly. */
  requests: number;
  errors: number;
  latency: LatencyHistogram;
}

/** What a target saw between two moments, with one weight throughout: the raw material of one look. */
export interface TrafficWindow {
  /** Grows by one from window to window; the first is 1. */
  sequence: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  /** Per cent meant for the challenger. */
  weight: number;
  champion: ArmWindow;
  challenger: ArmWindow;
}

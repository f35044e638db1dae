import { type LatencyHistogram, latencyBucket } from '../engine/latency-histogram.ts';
import type { ArmWindow, TrafficWindow } from '../engine/window.ts';

export type Arm = 'champion' | 'challenger';

/** Closed windows that are kept for whoever reads them later: five hours of minutes. */
const KEPT_WINDOWS = 300;

/**
 * Counts what happens, in windows of a fixed length that also end whenever the weight changes, so that within
 * one window there is one weight. A request is assigned in one window and ends, perhaps, in a later one.
 */
export class WindowCounter {
  private closed: TrafficWindow[];
  private open: OpenWindow;
  private readonly now: () => number;

  constructor(now: () => number, closed: TrafficWindow[] = [], weight = 0) {
    this.now = now;
    this.closed = closed;
    this.open = emptyWindow((closed.at(-1)?.sequence ?? 0) + 1, now(), weight);
  }

  assigned(arm: Arm): void {
    this.open[arm].assigned += 1;
  }

  ended(arm: Arm, milliseconds: number, failed: boolean): void {
    const counts = this.open[arm];
    counts.requests += 1;
    if (failed) counts.errors += 1;
    const bucket = latencyBucket(milliseconds);
    counts.latency.histogram[bucket] = (counts.latency.histogram[bucket] ?? 0) + 1;
  }

  /** Ends the open window and begins the next one. */
  roll(weight: number): void {
    this.open.endedAt = this.now();
    this.closed = [...this.closed, this.open].slice(-KEPT_WINDOWS);
    this.open = emptyWindow(this.open.sequence + 1, this.open.endedAt, weight);
  }

  /** Closed windows with a sequence above `after`, oldest first. */
  after(after: number): TrafficWindow[] {
    return this.closed.filter(({ sequence }) => sequence > after);
  }

  lastSequence(): number {
    return this.open.sequence - 1;
  }
}

type OpenArm = ArmWindow & { assigned: number; latency: { histogram: LatencyHistogram } };
type OpenWindow = TrafficWindow & { champion: OpenArm; challenger: OpenArm };

function emptyWindow(sequence: number, startedAt: number, weight: number): OpenWindow {
  const arm = (): OpenArm => ({
    ...{ assigned: 0, requests: 0, errors: 0, latency: { histogram: {} }, predictions: null },
  });
  return { sequence, startedAt, endedAt: startedAt, weight, champion: arm(), challenger: arm() };
}

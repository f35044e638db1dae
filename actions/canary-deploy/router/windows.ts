import { type LatencyHistogram, latencyBucket } from '../engine/latency-histogram.ts';
import { bucketPlace } from '../engine/prediction-buckets.ts';
import type { ArmName, ArmWindow, TrafficWindow } from '../engine/window.ts';

/** So many classes of predictions are told apart; the rest is counted together. */
const MOST_CLASSES = 50;
const OTHER_CLASSES = '(other classes)';

/** How requests are split within one window. */
export interface CountedSplit {
  weight: number;
  mirror?: boolean;
  /** Null: each request is drawn alone. */
  stickyHeader?: string | null;
  /** Whom the champion is compared with. */
  challenger?: { digest: string } | null;
}

/** Closed windows that are kept for whoever reads them later: five hours of minutes. */
const KEPT_WINDOWS = 300;

/**
 * Counts what happens, in windows of a fixed length that also end whenever the weight changes, so that within
 * one window there is one weight. While requests are copied, both arms count only those that were. A request is assigned in one window and ends, perhaps, in a later one.
 */
export class WindowCounter {
  private closed: TrafficWindow[];
  private open: OpenWindow;
  private readonly now: () => number;
  /** Classes of predictions seen so far with this challenger. */
  private readonly classes = new Set<string>();
  private challenger: string | undefined;

  constructor(now: () => number, closed: TrafficWindow[] = [], split: CountedSplit = { weight: 0 }) {
    this.now = now;
    this.closed = closed;
    this.challenger = split.challenger?.digest;
    this.open = emptyWindow((closed.at(-1)?.sequence ?? 0) + 1, now(), split);
  }

  assigned(arm: ArmName): void {
    this.open[arm].assigned += 1;
  }

  ended(arm: ArmName, milliseconds: number, failed: boolean): void {
    const counts = this.open[arm];
    counts.requests += 1;
    if (failed) counts.errors += 1;
    const bucket = latencyBucket(milliseconds);
    counts.latency.histogram[bucket] = (counts.latency.histogram[bucket] ?? 0) + 1;
  }

  /** @param name of `predictionBucket`. */
  predicted(arm: ArmName, name: string): void {
    const counts = this.open[arm].predictions;
    const kept = bucketPlace(name) === undefined ? this.keptClass(name) : name;
    counts.set(kept, (counts.get(kept) ?? 0) + 1);
  }

  /** A model that answers in free text must not cost the router its memory. */
  private keptClass(name: string): string {
    if (this.classes.size < MOST_CLASSES) this.classes.add(name);
    return this.classes.has(name) ? name : OTHER_CLASSES;
  }

  /** Ends the open window and begins the next one. */
  roll(split: CountedSplit): void {
    this.open.endedAt = this.now();
    this.closed = [...this.closed, closeWindow(this.open)].slice(-KEPT_WINDOWS);
    this.open = emptyWindow(this.open.sequence + 1, this.open.endedAt, split);
    // What other models answered would leave no room for the classes of these two.
    const next = split.challenger?.digest;
    if (next === undefined || next !== this.challenger) this.classes.clear();
    this.challenger = next;
  }

  /** Closed windows with a sequence above `after`, oldest first. */
  after(after: number): TrafficWindow[] {
    return this.closed.filter(({ sequence }) => sequence > after);
  }

  lastSequence(): number {
    return this.open.sequence - 1;
  }
}

type OpenArm = Omit<ArmWindow, 'predictions'> & {
  assigned: number;
  latency: { histogram: LatencyHistogram };
  predictions: Map<string, number>;
};
type OpenWindow = Omit<TrafficWindow, ArmName> & {
  champion: OpenArm;
  challenger: OpenArm;
  isSticky: boolean;
};

function emptyWindow(sequence: number, startedAt: number, split: CountedSplit): OpenWindow {
  const { weight, mirror, stickyHeader = null } = split;
  const arm = (): OpenArm => ({
    ...{ assigned: 0, requests: 0, errors: 0, latency: { histogram: {} }, predictions: new Map() },
  });
  return {
    ...{ sequence, startedAt, endedAt: startedAt, weight, mirrored: mirror ?? false },
    isSticky: stickyHeader !== null && weight > 0 && weight < 100,
    champion: arm(),
    challenger: arm(),
  };
}

function closeWindow({ isSticky, ...window }: OpenWindow): TrafficWindow {
  const close = (arm: OpenArm): ArmWindow => ({
    ...arm,
    // All requests of a client were drawn at once, so that how many each arm was given says nothing of the split.
    assigned: isSticky ? null : arm.assigned,
    predictions: Object.fromEntries(arm.predictions),
  });
  return { ...window, champion: close(window.champion), challenger: close(window.challenger) };
}

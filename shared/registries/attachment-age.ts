import { CREATED_ANNOTATION, type Descriptor } from './manifest.ts';

/** Which of several attachments is the newest: it counts. */

/** Attachments by their creation annotation, oldest first; of equals the order is that of their digests. */
export function byAge(descriptors: Descriptor[]): Descriptor[] {
  return descriptors.toSorted((a, b) => {
    const difference = ageOf(a) - ageOf(b);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
    return a.digest < b.digest ? -1 : 1;
  });
}

function ageOf(descriptor: Descriptor): number {
  const time = Date.parse(createdAtOf(descriptor));
  return Number.isNaN(time) ? Number.MIN_SAFE_INTEGER : time;
}

/** The creation annotation, or an empty text. */
export function createdAtOf(descriptor: Descriptor): string {
  return descriptor.annotations?.[CREATED_ANNOTATION] ?? '';
}

/**
 * A moment later than every one given: clocks of two runners differ, and the newest attachment counts.
 * @param now of this machine. @param others ISO 8601 texts; unreadable ones are passed over.
 */
export function laterThan(now: Date, others: string[]): string {
  const latest = Math.max(
    now.getTime(),
    ...others.map((text) => Date.parse(text) + 1).filter(Number.isFinite),
  );
  return new Date(latest).toISOString();
}

/** Brings a fake back to an earlier moment, so that many cases start from the same one at little cost. */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { S3State } from '../../shared/testing/aws/s3-state.ts';
import { seededDraw } from './behaviour.ts';
import type { FakeClock } from './clock.ts';
import type { SageMakerWorld } from './state.ts';

interface Kept {
  world: SageMakerWorld;
  s3: S3State;
  clock: FakeClock;
  calls: unknown[];
}

/**
 * Keeps all that the services hold, and the time.
 * @returns goes back to it, as often as it is called; the draws begin anew, and behaviours stay as they are set.
 */
export function takeSnapshot({ world, s3, clock, calls }: Kept, seed: number): () => void {
  const parts = partsOf(world, s3);
  const kept = parts.map((part) => structuredClone(part));
  const at = clock.now();
  const { requestsPerMinute } = clock;
  return () => {
    for (const [index, part] of parts.entries()) {
      part.clear();
      for (const [key, value] of structuredClone(kept[index]!)) part.set(key, value);
    }
    clock.goBack(at);
    clock.requestsPerMinute = requestsPerMinute;
    world.draw = seededDraw(seed);
    for (const list of [world.hazards, calls]) list.length = 0;
  };
}

/** @returns the same only for moments from which everything goes the same way, once gone back to. */
export function fingerprintOf({ world, s3, clock }: Kept): string {
  const all = [partsOf(world, s3), world.hazards, clock.now(), clock.requestsPerMinute];
  return createHash('sha256').update(serialize(all)).digest('hex');
}

function partsOf(
  { state: { scaling, ...state }, fates }: SageMakerWorld,
  s3: S3State,
): Map<unknown, unknown>[] {
  const held = [...Object.values(state), ...Object.values(scaling), ...Object.values(s3), fates];
  return held as Map<unknown, unknown>[];
}

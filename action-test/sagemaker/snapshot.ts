/** Brings a fake back to an earlier moment, so that many cases start from the same one at little cost. */
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
  const { scaling, ...state } = world.state;
  const parts = [
    ...Object.values(state),
    ...Object.values(scaling),
    ...Object.values(s3),
    world.fates,
  ] as Map<unknown, unknown>[];
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

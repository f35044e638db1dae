/**
 * The target of servers on metal: model servers on this machine, as the local target starts them, behind a HAProxy that
 * runs already. It goes on serving when the job ends.
 */
import { type OpenLocalTarget, openLocalTarget } from '../local/open.ts';
import type { Target, TargetAbilities } from '../target.ts';
import { HaproxyRouter } from './haproxy-router.ts';
import { openRuntimeApi } from './runtime-api.ts';
import { SMALLEST_PERCENT } from './split-weights.ts';

const ABILITIES: TargetAbilities = {
  name: 'the target haproxy',
  strategies: ['canary', 'linear', 'blue-green', 'all-at-once'],
  // Its counters hold no latencies, and it does not read answers.
  sees: { counts: true, latency: false, predictions: false },
  windowStepMs: 1,
  outlivesJob: true,
  smallestPercent: SMALLEST_PERCENT,
};

export interface HaproxyTargetOptions extends Omit<OpenLocalTarget, 'makeRouter' | 'abilities' | 'entrance'> {
  /** Path of the stats socket, or `host:port`. */
  socket: string;
  backend: string;
  /** Where users reach the frontend; null where only they know. */
  address: string | null;
}

/** @throws UserError when another run is at work in the folder. */
export function openHaproxyTarget({
  socket,
  backend,
  address,
  ...local
}: HaproxyTargetOptions): Promise<Target> {
  return openLocalTarget({
    ...local,
    abilities: ABILITIES,
    entrance: address,
    makeRouter: (folder) => new HaproxyRouter({ folder, api: openRuntimeApi(socket), backend }),
  });
}

/** The fake's time: it stands still unless it is moved, and stops wherever something happens on the way. */
import { evaluateAlarms } from './alarms.ts';
import { nextChangeAt, settle } from './deployment.ts';
import { MINUTE } from './metric-store.ts';
import type { SageMakerWorld } from './state.ts';
import { flow, sampleInstances } from './traffic.ts';
import { settleTraining } from './training-machines.ts';

export interface FakeClock {
  now: () => number;
  advance(milliseconds: number, world: SageMakerWorld): void;
  requestsPerMinute: number;
  /** To an earlier time. */
  goBack(to: number): void;
}

export function newClock(start: number, requestsPerMinute: number): FakeClock {
  let at = start;
  const step = (to: number, rate: number, world: SageMakerWorld): void => {
    const endpoints = [...world.state.endpoints.values()];
    for (const endpoint of endpoints) flow(endpoint, { from: at, to, requestsPerMinute: rate }, world);
    const isMinute = to % MINUTE === 0;
    if (isMinute) for (const endpoint of endpoints) sampleInstances(endpoint, at, world);
    at = to;
    if (isMinute) evaluateAlarms(world);
    for (const endpoint of endpoints) settle(endpoint, world);
    settleTraining(world);
  };
  const clock: FakeClock = {
    requestsPerMinute,
    now: () => at,
    goBack(to) {
      at = to;
    },
    advance(milliseconds, world) {
      const target = at + milliseconds;
      while (at < target) {
        const changes = [...world.state.endpoints.values()].map(nextChangeAt).filter((time) => time > at);
        step(
          Math.min(target, (Math.floor(at / MINUTE) + 1) * MINUTE, ...changes),
          clock.requestsPerMinute,
          world,
        );
      }
    },
  };
  return clock;
}

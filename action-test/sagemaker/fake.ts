/**
 * A stateful stand-in for the AWS services that the actions use, on one loopback port: SageMaker with endpoints, their
 * runtime and training jobs that run, CloudWatch and its logs, Application Auto Scaling, STS and a small S3. It has a clock of its own, so that states
 * pass without waiting; it refuses requests that the service models do not know, and fails when an answer of its own is
 * not of the model. What a test may ask of it is in interface.ts.
 */
import {
  FAKE_ACCOUNT,
  FAKE_REGION,
  fakeEnvironment,
  newS3World,
} from '../../shared/testing/aws/s3-server.ts';
import type { ExchangeHandler } from '../../shared/testing/http-exchange.ts';
import { startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { type Answering, answer } from './answering.ts';
import { seededDraw, servingNow } from './behaviour.ts';
import { newClock } from './clock.ts';
import type { FakeAws, FakeAwsOptions } from './interface.ts';
import { MINUTE } from './metric-store.ts';
import { fingerprintOf, takeSnapshot } from './snapshot.ts';
import { newSageMakerState, type SageMakerWorld } from './state.ts';
import { endMachines, interrupt, newMachines } from './training-machines.ts';

export type { FakeAws, FakeAwsOptions } from './interface.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
/** Each request takes this long by the fake's clock. */
const REQUEST_MS = 1000;
const SEED = 1;
const TIMES = { launchMs: 180_000, weightsMs: 30_000, rollbackMs: 60_000, deleteMs: 30_000 };

/** Starts the fake on a free port. */
export async function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  const { handle, ...fake } = newFakeAws(options);
  const server = await startLoopbackServer(handle);
  const close = async () => {
    await server.close();
    await endMachines(fake.state, fake.machines);
  };
  return { ...fake, url: server.url, env: fakeEnvironment(server.url), close };
}

/** The fake without a port: `handle` answers. */
export function newFakeAws(
  options: FakeAwsOptions = {},
): Omit<FakeAws, 'url' | 'env' | 'close'> & { handle: ExchangeHandler } {
  const clock = newClock(START, options.trafficPerMinute ?? 0);
  const mistakes: string[] = [];
  const buckets = [`sagemaker-${FAKE_REGION}-${FAKE_ACCOUNT}`, 'models'];
  const s3 = newS3World({ buckets, ...options }, clock.now);
  const machines = newMachines(s3, options, (mistake) => mistakes.push(mistake));
  const world = { ...newWorld(options, clock.now), machines };
  const answering: Answering = { world, s3, calls: [], fault: options.fault };
  const { state, hazards } = world;
  const kept = { world, s3: s3.state, clock, calls: answering.calls };
  return {
    handle: async (request, response) => {
      clock.advance(REQUEST_MS, world);
      try {
        await answer(request, response, answering);
      } catch (error) {
        mistakes.push(String(error));
        throw error;
      }
    },
    ...{ state, s3: s3.state, calls: answering.calls, mistakes, hazards, now: clock.now, machines },
    interrupt: (job, returns = true) => interrupt(job, returns, world),
    snapshot: () => takeSnapshot(kept, options.seed ?? SEED),
    fingerprint: () => fingerprintOf(kept),
    advance: (milliseconds) => clock.advance(milliseconds, world),
    setTraffic: (requestsPerMinute) => {
      clock.requestsPerMinute = requestsPerMinute;
    },
    simulate: ({ minutes, requestsPerMinute }) => {
      const before = clock.requestsPerMinute;
      clock.requestsPerMinute = requestsPerMinute;
      clock.advance(minutes * MINUTE, world);
      clock.requestsPerMinute = before;
    },
    behave: (model, behaviour) => {
      world.behaviours.push([model, behaviour]);
    },
    fate: (name, fate) => {
      const change = state.endpoints.get(name)?.change;
      if (change?.fate !== 'hangs') world.fates.set(name, fate);
      else Object.assign(change, { fate, stageStartedAt: clock.now() });
    },
    systemUpdate: (name, milliseconds) => {
      const at = clock.now();
      const stages = [{ status: 'Updating' as const, milliseconds, share: 0 }];
      const change = {
        kind: 'system' as const,
        fate: 'succeeds' as const,
        alarms: [],
        deadline: Infinity,
        stages,
      };
      Object.assign(state.endpoints.get(name)!, {
        status: 'SystemUpdating',
        change: { ...change, startedAt: at, stageStartedAt: at },
      });
    },
    serving: (name) => {
      const endpoint = state.endpoints.get(name);
      const all = endpoint ? servingNow(endpoint) : [];
      return all.filter(({ share }) => share > 0).map(({ instances: _, ...variant }) => variant);
    },
  };
}

function newWorld(options: FakeAwsOptions, now: () => number): Omit<SageMakerWorld, 'machines'> {
  const { updateErases = false, ignoresClientToken = false, pageSize = 100, invisibleMs = 0 } = options;
  const { metricDelayMs = MINUTE, instanceLimit = Infinity, seed = SEED } = options;
  return {
    ...{ state: newSageMakerState(), now, account: FAKE_ACCOUNT, region: FAKE_REGION, pageSize },
    ...{ updateErases, ignoresClientToken, invisibleMs, metricDelayMs, instanceLimit },
    ...{ draw: seededDraw(seed), hazards: [], behaviours: [], fates: new Map() },
    times: { ...TIMES, ...options.times },
  };
}

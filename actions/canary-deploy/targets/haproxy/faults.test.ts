import { describe, expect, test, vi } from 'vitest';
import { countFaultCases } from '../../../../shared/testing/fault-cases.ts';
import { playHaproxyMatrix } from '../../fixtures/haproxy-fault-matrix.ts';
import { HAPROXY_SCENARIOS } from '../../fixtures/haproxy-scenarios.ts';

vi.mock('node:net', async (original) => {
  const { connect } = await import('../../fixtures/haproxy-outside.ts');
  return { ...(await original<typeof import('node:net')>()), connect };
});
vi.mock('../../../../shared/programs/free-port.ts', async () => {
  const { findFreePort } = await import('../../fixtures/haproxy-outside.ts');
  return { findFreePort };
});
vi.mock('../../../../shared/programs/process-group.ts', async (original) => {
  const { processIdentity, groupStillLives, endGroup } = await import('../../fixtures/haproxy-outside.ts');
  return { ...(await original<object>()), processIdentity, groupStillLives, endGroup };
});
vi.mock('../http-door.ts', async (original) => {
  const { openHttpDoor } = await import('../../fixtures/haproxy-outside.ts');
  return { ...(await original<object>()), openHttpDoor };
});

/** By default every 41st case is played; `npm test -- --faults` plays them all. */
const STRIDE = Number(process.env.MLOPS_TEST_FAULT_STRIDE ?? 41);

describe('every call goes wrong in every way, and the next run or reconcile settles it', () => {
  test.for(HAPROXY_SCENARIOS)('$name', { timeout: 600_000 }, async (scenario, context) => {
    const began = performance.now();
    const { calls, cases, all, failures } = await playHaproxyMatrix(scenario, STRIDE);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.info(`HAProxy, ${scenario.name}: ${calls} calls, ${cases} of ${all} cases in ${seconds} s`);
    countFaultCases(context, cases);
    expect(failures.slice(0, 20)).toEqual([]);
    expect(calls).toBeGreaterThan(10);
  });
});

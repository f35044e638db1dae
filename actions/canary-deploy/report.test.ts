import { describe, expect, test } from 'vitest';
import { type Deployment, deploymentSchema } from '../../shared/records/deployment.ts';
import { rolloutSchema } from '../../shared/records/rollout.ts';
import { renderSection } from '../../shared/report/section.ts';
import { decide } from './engine/decide.ts';
import { beginRollout, enterStep, observe, stepWeight } from './engine/engine.ts';
import { makePlan } from './engine/plan.ts';
import { SimulatedTraffic } from './fixtures/simulated-windows.ts';
import { makeRecord } from './make-record.ts';
import { plainResult } from './operations/operation.ts';
import { report } from './report.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const model = (letter: string) => ({ digest: digest(letter), uri: `oci-layout:r/churn@${digest(letter)}` });

/** The record of a simulated rollout, as the action would write it. */
function deployment(options: {
  errorRate: number;
  traffic?: Deployment['traffic'];
  overrideReason?: string;
}): Deployment {
  const rollout = rolloutSchema.parse({
    version: 1,
    steps: [
      { weight: 10, bake: '3m' },
      { weight: 50, bake: '3m' },
    ],
    errors: { ceiling: 0.02 },
    latency: { slower_than: 'champion_p95' },
  });
  const plan = makePlan(rollout);
  const traffic = new SimulatedTraffic({
    seed: 1,
    requestsPerWindow: 2_000,
    windowMs: 60_000,
    champion: { errorRate: 0.005, latencyMs: 10 },
    challenger: { errorRate: options.errorRate, latencyMs: 10 },
  });
  let state = beginRollout(plan, 0);
  for (;;) {
    state = observe(plan, state, traffic.window(stepWeight(plan, state)));
    const { kind, reason } = decide(plan, state);
    if (kind === 'step') state = enterStep(state);
    if (kind !== 'promote' && kind !== 'rollback') continue;
    const promoted = kind === 'promote';
    return makeRecord(
      plainResult({
        outcome: promoted ? 'promoted' : 'rolled-back',
        verdict: promoted ? 'pass' : 'fail',
        reason: `${promoted ? 'Promoted' : 'Rolled back'}: ${reason}`,
        subject: digest('b'),
        challenger: model('b'),
        champion: model('a'),
        serving: digest(promoted ? 'b' : 'a'),
        alias: { name: 'champion', moved: promoted },
        rollout,
        state,
        events: [
          {
            at: '2026-01-01T00:10:00.000Z',
            kind: promoted ? 'promote' : 'rollback',
            weight: promoted ? 100 : 0,
            reason,
          },
        ],
        overrideReason: options.overrideReason ?? null,
        traffic: options.traffic ?? null,
      }),
      {
        name: 'churn',
        source: { repository: null, commit: null, runUrl: null },
        createdAt: new Date('2026-01-01T00:10:00Z'),
        operation: 'run',
        target: 'local',
        endpoint: 'http://127.0.0.1:8080',
      },
    );
  }
}

describe('the report', () => {
  test.each([
    { name: 'of a promotion', errorRate: 0.005 },
    { name: 'of a rollback', errorRate: 0.05 },
  ])('$name', ({ errorRate }) => {
    const record = deployment({ errorRate });
    expect(deploymentSchema.safeParse(record).error).toBeUndefined();
    expect(renderSection(report(record))).toMatchSnapshot();
  });

  test('shows hostile texts as plain text', () => {
    const hostile = '</details><img src=x onerror=alert(1)>@everyone ::error::x | y';
    const record = deployment({
      errorRate: 0.05,
      overrideReason: hostile,
      traffic: { file: hostile, digest: digest('c'), ratePerSecond: 50, sent: 10, failed: 1 },
    });
    const text = renderSection(
      report({ ...record, reason: hostile, events: [{ ...record.events[0]!, reason: hostile }] }),
    );
    expect(text).not.toContain('<img');
    expect(text).not.toContain('@everyone');
    expect(text).not.toContain('::error::');
  });

  test('has a heading for every outcome', () => {
    const record = deployment({ errorRate: 0.05 });
    const heading = (change: Partial<Deployment>) => report({ ...record, ...change }).heading;
    expect(heading({})).toBe('rolled back, the champion serves on');
    expect(heading({ outcome: 'promoted' })).toBe('the challenger was promoted and serves');
    expect(heading({ outcome: 'promoted', champion: null })).toBe('first deployment, the model serves');
    expect(heading({ outcome: 'promoted', looks: [] })).toBe('the champion serves');
    expect(heading({ outcome: 'held' })).toBe('held, the evidence cannot tell yet');
    expect(heading({ outcome: 'refused' })).toBe('refused, nothing was changed');
    expect(heading({ outcome: 'stopped' })).toBe('stopped, nothing serves');
    expect(heading({ serving: null })).toBe('not deployed, nothing serves');
    expect(heading({ operation: 'rollback', serving: digest('b') })).toBe(
      'rolled back to the champion before',
    );
  });
});

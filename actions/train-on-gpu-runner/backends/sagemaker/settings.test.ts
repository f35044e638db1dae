import { expect, test } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { JOB_INPUTS } from '../../fixtures/sagemaker-jobs.ts';
import { type JobInputs, jobSettings } from './settings.ts';

const HOUR = 3_600_000;

const refusal = (change: Partial<JobInputs>, timeoutMs?: number): UserError => {
  try {
    jobSettings({ ...JOB_INPUTS, ...change }, timeoutMs);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

test('what is missing or cannot be is refused with the input that is to be mended', () => {
  const cases: [key: string, change: Partial<JobInputs>, timeoutMs?: number][] = [
    ['instance-type', { instanceType: undefined }],
    ['instance-type', { instanceType: 'g5.xlarge' }],
    ['image', { image: '' }],
    ['image', { image: 'x'.repeat(256) }],
    ['execution-role', { executionRole: undefined }],
    ['execution-role', { executionRole: 'training' }],
    ['artifacts', { artifacts: undefined }],
    ['artifacts', { artifacts: '/tmp/x' }],
    ['timeout', {}, 29 * 24 * HOUR],
    ['max-wait', { maxWaitMs: HOUR }],
    ['max-wait', { spot: true, maxWaitMs: HOUR - 1 }, HOUR],
    ['keep-alive', { spot: true, keepAliveMs: HOUR }],
    ['keep-alive', { keepAliveMs: 7 * HOUR }],
    ['metric-definitions', { metricDefinitions: Array(41).fill({ Name: 'a', Regex: '(.)' }) }],
    ['metric-definitions', { metricDefinitions: [{ Name: 'a', Regex: 'x\n(.)' }] }],
    ['metric-definitions', { metricDefinitions: [{ Name: '', Regex: '(.)' }] }],
  ];
  for (const [key, change, timeoutMs] of cases) {
    const { where, fix } = refusal(change, timeoutMs);
    expect(where.key, JSON.stringify(change).slice(0, 80)).toBe(key);
    expect(fix).not.toBe('');
  }
});

test('times are whole seconds that are never too short, and the longest wait is twice the longest run', () => {
  expect(jobSettings({ ...JOB_INPUTS, spot: true, volumeBytes: 1 }, 1001)).toMatchObject({
    ...{ maxRuntimeSeconds: 2, maxWaitSeconds: 4, volumeGigabytes: 1, keepAliveSeconds: undefined },
  });
  expect(jobSettings({ ...JOB_INPUTS, keepAliveMs: 1 }, undefined)).toMatchObject({
    ...{ maxRuntimeSeconds: 86_400, maxWaitSeconds: undefined, volumeGigabytes: 30, keepAliveSeconds: 1 },
  });
  expect(jobSettings({ ...JOB_INPUTS, spot: true, maxWaitMs: HOUR }, HOUR).maxWaitSeconds).toBe(3600);
});

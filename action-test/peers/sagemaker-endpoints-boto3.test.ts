/** A whole rollout by boto3 against the fake of SageMaker: a client that others wrote, its waiters and its protocols. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startFakeAws } from '../sagemaker/fake.ts';
import { python, requirePython } from './oracle.ts';

requirePython();

/** Without blocking this process, where the fake lives. */
async function run(script: string, env: Record<string, string>): Promise<Record<string, unknown>> {
  const child = spawn(python!, [fileURLToPath(new URL(script, import.meta.url))], {
    env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  expect(code, errors).toBe(0);
  return JSON.parse(output) as Record<string, unknown>;
}

describe.skipIf(!python)('boto3', () => {
  test('creates, weighs, guards, is rolled back by an alarm, and deletes', async () => {
    const fake = await startFakeAws({ trafficPerMinute: 300, metricDelayMs: 0, pageSize: 1 });
    fake.behave('broken', { errors: 1 });
    fake.behave('dead', { startsUp: false });
    try {
      const seen = await run('sagemaker_endpoints_boto3.py', fake.env);
      expect(seen).toEqual({
        created: 'one',
        busy: {
          Code: 'ValidationException',
          Message:
            'Cannot update in-progress endpoint "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn".',
        },
        two: { AllTraffic: [100, 100], Canary: [0, 0] },
        weighed: { AllTraffic: [50, 50], Canary: [50, 50] },
        variants: ['AllTraffic', 'Canary'],
        body: true,
        named: { model: 'challenger' },
        guarded: {
          stages: ['Updating Creating', 'Updating Baking', 'InService'],
          config: 'three',
          reason: null,
        },
        rolledBack: {
          stages: ['Updating Creating', 'Updating Baking', 'RollingBack', 'InService'],
          config: 'three',
          reason: 'One or more alarms are in alarm state: churn-errors',
        },
        alarm: ['OK', 0.1, 2026],
        data: {
          invocations: [true, 0, 'Complete'],
          invocation5xxerrors: [true, 0, 'Complete'],
          modellatency: [true, 0, 'Complete'],
        },
        refused: 'InvalidParameterValue',
        scaled: [['endpoint/churn/variant/AllTraffic', 1, 2026]],
        configs: ['two', 'three'],
        failed: 'Failed',
        left: ['other'],
      });
      expect(fake.mistakes).toEqual([]);
    } finally {
      await fake.close();
    }
  });
});

/** The SageMaker adapter and boto3, a client that others wrote, on one stateful fake: each reads what the other wrote. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { openRegistry, parseRegistry } from '../../shared/registries/registry.ts';
import { startFakeAws } from '../sagemaker/fake.ts';
import { python, requirePython } from './oracle.ts';

requirePython();

/** Without blocking this process, where the fake lives. */
async function askBoto3(question: object, env: Record<string, string>): Promise<Record<string, unknown>> {
  const script = fileURLToPath(new URL('sagemaker_boto3.py', import.meta.url));
  const child = spawn(python!, [script], {
    env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify(question));
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  expect(code, errors).toBe(0);
  return JSON.parse(output);
}

describe.skipIf(!python)('boto3', () => {
  test('lists, reads, verifies and approves what was registered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sagemaker-peer-'));
    const fake = await startFakeAws({ pageSize: 2 });
    try {
      const model = join(folder, 'model');
      await mkdir(join(model, 'conf'), { recursive: true });
      await writeFile(join(model, 'weights.bin'), Buffer.alloc(17 * 1024 * 1024, 'w'));
      await writeFile(join(model, 'conf', 'ünïcode a+b.json'), '{}');
      await writeFile(join(model, 'empty'), '');
      const open = () => openRegistry(parseRegistry('sagemaker:', 'churn'), { env: fake.env });
      const source = { repository: 'acme/churn', commit: 'a'.repeat(40), runUrl: null };
      const { digest } = await (await open()).pushModel(model, {
        details: {
          ...{ description: 'Churn', tags: {}, metrics: { r2: 0.5 }, source, inputs: [], parent: null },
          standing: { stage: 'staging' },
          image: 'registry.example.com/serve:1',
        },
      });
      const hashed = await modelDigest(model);
      const { account, ...seen } = await askBoto3({ name: 'churn' }, fake.env);
      expect(seen).toEqual({
        groups: ['churn'],
        versions: [1],
        status: 'Completed',
        approval: 'PendingManualApproval',
        stage: 'staging',
        digest,
        commit: 'a'.repeat(40),
        compression: 'None',
        files: Object.fromEntries(
          hashed.files.map((file) => [file.path, file.digest.slice('sha256:'.length)]),
        ),
        metrics: { regression_metrics: { r2: { value: 0.5, standard_deviation: 'NaN' } } },
        metricsDigest: true,
        tags: { 'mlops:artifacts': `s3://sagemaker-eu-central-1-${account}/mlops-models` },
      });
      expect(await (await open()).standing(digest)).toMatchObject({
        approval: 'approved',
        reason: 'looked at it',
      });
      expect(fake.mistakes).toEqual([]);
    } finally {
      await fake.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecordFolder } from '../../shared/records/folder.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { CanaryStage } from './fixtures/canary-stage.ts';
import { MODEL_NAME, openTestRegistry, registerVersion } from './fixtures/registered-model.ts';
import { checkGate } from './gate.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each([
  { createdAt: '2026-02-01T00:00:00.000Z', allowed: false },
  { createdAt: '2025-12-01T00:00:00.000Z', allowed: true },
])('the newest Evaluation counts, wherever it lies: of $createdAt', async ({ createdAt, allowed }) => {
  const { digest } = await registerVersion(folder, { name: 'good' }, { evaluation: 'pass' });
  const registry = await openTestRegistry(folder);
  const stored = await readAttachedRecord(registry, digest, 'Evaluation');
  const records = new RecordFolder(join(folder, 'records'), MODEL_NAME);
  await records.write({ ...stored!, verdict: 'fail', createdAt });
  const deps = { env: {}, log: { mask: () => undefined } as never };
  expect(await checkGate({ registry, records, digest }, {}, deps)).toMatchObject({ allowed });
});

test('a reason that not every store could keep is refused before anything is read', async () => {
  const stage = await CanaryStage.create();
  const given = { model: 'oci-layout:none/churn@champion', 'override-reason': 'x'.repeat(2001) };
  await expect(stage.run(given)).rejects.toThrow(
    'override-reason has 2001 characters; 2000 are kept at most',
  );
  await stage.close();
});

test('a version that is not signed is unsafe, whatever its Evaluation says and whoever gives a reason', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const verificationKey = join(folder, 'key.pub');
  await writeFile(verificationKey, publicKey.export({ type: 'spki', format: 'pem' }));
  const { digest } = await registerVersion(folder, { name: 'good' }, { evaluation: 'pass' });
  const registry = await openTestRegistry(folder);
  const records = new RecordFolder(join(folder, 'records'), MODEL_NAME);
  const deps = { env: {}, log: { mask: () => undefined } as never };
  const given = { overrideReason: 'urgent', verificationKey };
  expect(await checkGate({ registry, records, digest }, given, deps)).toMatchObject({
    ...{ allowed: false, overridden: false, unsafe: true },
    reason: expect.stringMatching(/sign.*[^.]$/),
  });
});

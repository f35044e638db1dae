import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killRepeatedly } from '../../actions/train-on-gpu-runner/fixtures/kill-campaign.ts';
import { type S3Server, startS3Server } from '../../shared/testing/aws/s3-server.ts';

const KILLS = 200;
let folder: string;
let server: S3Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kills-'));
  server = await startS3Server();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test(`${KILLS} kills at random points: the metrics and the model of an undisturbed run, and no step twice`, async () => {
  const found = await killRepeatedly(KILLS, { seed: 9_000, folder, env: server.env });
  console.log(found.summary);
  expect(found.happened).toBeGreaterThanOrEqual(KILLS);
  const { undisturbed } = found;
  expect([...undisturbed.history.keys()]).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  for (const { history, contradictions, metrics, model } of found.killed) {
    expect(contradictions).toEqual([]);
    expect([...history].sort(([a], [b]) => a - b)).toEqual([...undisturbed.history]);
    expect({ metrics, model }).toEqual({ metrics: undisturbed.metrics, model: undisturbed.model });
  }
}, 600_000);

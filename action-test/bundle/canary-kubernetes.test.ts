/** Every operation as a process of its own, as a runner starts it, against the stand-in. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deployment } from '../../shared/records/deployment.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { KubernetesStage } from '../kubernetes/kubernetes-stage.ts';
import { shares } from '../kubernetes/settled.ts';

describe.each(['httproute/churn', 'inferenceservice/churn'] as const)('%s', (resource) => {
  let stage: KubernetesStage;
  beforeAll(async () => {
    stage = await KubernetesStage.create(resource);
  });
  afterAll(() => stage.close());

  /** @returns the record that it left. */
  async function operate(given: Record<string, string>): Promise<Deployment> {
    const { ended, output } = stage.spawn(given);
    await ended;
    const records = new RecordFolder(join(stage.stage.folder, 'records'), 'churn');
    const record = await records.find('Deployment');
    if (!record) throw new Error(output());
    return record;
  }

  test('a rollout, the way back by hand, a challenger that fails, and one that a person aborts', async () => {
    const [first, second] = stage.versions;
    expect(await operate({ model: second.uri })).toMatchObject({
      ...{ operation: 'run', outcome: 'promoted', verdict: 'pass', serving: second.digest, unused: [] },
      alias: { name: 'champion', moved: true },
    });
    await stage.expectSettled('promoted');
    expect(await operate({ operation: 'rollback' })).toMatchObject({
      ...{ operation: 'rollback', outcome: 'rolled-back', serving: first.digest },
    });
    await stage.expectSettled('rolled back by hand');
    expect(await stage.champion()).toEqual(first);

    await stage.count(300);
    expect(await operate({ model: second.uri })).toMatchObject({
      ...{ outcome: 'rolled-back', verdict: 'fail', serving: first.digest },
      reason: expect.stringContaining('fails more often than the champion'),
    });
    await stage.expectSettled('rolled back');

    await stage.count(0);
    await stage.rules('steps: [{weight: 20, bake: 100ms, pause: true}, {weight: 50, bake: 100ms}]');
    expect(await operate({ model: second.uri })).toMatchObject({ outcome: 'paused' });
    expect(shares(stage.cluster, resource)).toEqual([20, 80]);
    expect(await operate({ operation: 'abort' })).toMatchObject({
      ...{ outcome: 'rolled-back', verdict: 'pass', serving: first.digest },
    });
    await stage.expectSettled('aborted');
  });
});

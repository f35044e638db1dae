import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openObjectStore } from '../../aws/object-store.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { DETAILS, sageMakerStage } from '../../testing/sagemaker-stage.ts';
import { openRegistry, parseRegistry } from '../registry.ts';
import { approvalOf } from './package-fields.ts';

const DEFAULT_PLACE = 'sagemaker-eu-central-1-123456789012/mlops-models';
const FOLDER_OF = (digest: string) => `${DEFAULT_PLACE}/churn/${digest.slice(7)}`;

const stage = sageMakerStage();
const { open, makeModel, packages, restart } = stage;

describe('a version in SageMaker', () => {
  test('has its lineage, metrics, approval and stage in the fields of SageMaker', async () => {
    const said: string[] = [];
    const registry = await open({ progress: (message) => said.push(message) });
    const { digest } = await registry.pushModel(await makeModel('a'), { details: DETAILS });
    const [found] = packages();
    expect(found?.fields).toMatchObject({
      ModelPackageDescription: `Churn, trained on the rows of May 🚀 (${digest})`,
      ModelApprovalStatus: 'Approved',
      ModelLifeCycle: { Stage: 'staging' },
      MetadataProperties: {
        CommitId: 'a'.repeat(40),
        Repository: 'acme/churn',
        GeneratedBy: DETAILS.source.runUrl,
      },
      CustomerMetadataProperties: {
        'mlops.digest': digest,
        'mlops.parent': DETAILS.parent,
        'mlops.input.data.train.csv': DETAILS.inputs[0]?.digest,
        team: 'growth',
      },
      InferenceSpecification: {
        Containers: [
          {
            Image: DETAILS.image,
            ModelDataSource: {
              S3DataSource: {
                S3Uri: `s3://${FOLDER_OF(digest)}/model/`,
                S3DataType: 'S3Prefix',
                CompressionType: 'None',
              },
            },
          },
        ],
      },
    });
    expect(said.join()).toContain('SageMaker has no room for odd key');
    expect(stage.fake.s3.objects.get(`${FOLDER_OF(digest)}/model/model.pkl`)?.bytes.toString()).toBe('a');
    const { ModelQuality } = found!.fields.ModelMetrics as {
      ModelQuality: { Statistics: Record<string, string> };
    };
    const { S3Uri = '', ContentDigest } = ModelQuality.Statistics;
    const document = stage.fake.s3.objects.get(S3Uri.slice('s3://'.length));
    expect(document?.metadata.sha256).toBe(ContentDigest?.slice('sha256:'.length));
    expect(JSON.parse(document?.bytes.toString() ?? '')).toEqual({
      binary_classification_metrics: {
        roc_auc: { value: 0.91, standard_deviation: 'NaN' },
        log_loss: { value: 'NaN', standard_deviation: 'NaN' },
      },
    });
    expect(await registry.standing(digest)).toMatchObject(DETAILS.standing);
  });

  test('without an image says that SageMaker cannot deploy it', async () => {
    const said: string[] = [];
    const registry = await open({ progress: (message) => said.push(message) });
    const { image: _image, ...details } = DETAILS;
    const { digest } = await registry.pushModel(await makeModel('a'), { details });
    expect(packages()[0]?.fields.SourceUri).toBe(`s3://${FOLDER_OF(digest)}/model/`);
    expect(said.join()).toContain('cannot deploy it');
  });

  test('is found by its number, and one of another tool is said to be none of ours', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a'));
    expect(await registry.resolve('1')).toMatchObject({
      digest,
      version: '1',
      uri: `sagemaker:churn@${digest}`,
    });
    const [own] = packages();
    const arn = own!.arn.replace(/1$/, '2');
    stage.fake.state.packages.set(arn, {
      ...own!,
      arn,
      version: 2,
      fields: { SourceUri: 's3://other/model/' },
    });
    expect(await registry.versions()).toHaveLength(1);
    await expect(registry.resolve('2')).rejects.toThrow('was not registered by register-model');
    expect(await registry.resolve('3')).toBeUndefined();
  });

  test('is set up for: a stage, a name and a path that SageMaker does not take are refused first', async () => {
    const details = { ...DETAILS, standing: { stage: 'pre prod' } };
    await expect((await open()).pushModel(await makeModel('a'), { details })).rejects.toThrow(
      'the stage "pre prod"',
    );
    await expect(open({}, 'x'.repeat(64))).rejects.toThrow('63 characters');
    await expect(
      openRegistry(parseRegistry('sagemaker:eu', 'churn'), { env: stage.fake.env }),
    ).rejects.toThrow('more than SageMaker');
    expect(stage.fake.calls).toEqual([]);
  });

  test('that was removed can be registered again', async () => {
    const registry = await open();
    const model = await makeModel('a');
    const { digest } = await registry.pushModel(model);
    for (const version of ['2', '3']) {
      await registry.remove(digest);
      await registry.remove(digest);
      expect([...stage.fake.s3.objects.keys()].filter((key) => key.includes(digest.slice(7)))).toEqual([]);
      expect(await registry.pushModel(model)).toEqual({ digest, created: true });
      expect((await registry.resolve(digest))?.version).toBe(version);
    }
  });

  test('damaged in S3 is refused and leaves no folder', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a'));
    stage.fake.s3.objects.get(`${FOLDER_OF(digest)}/model/model.pkl`)!.bytes = Buffer.from('b');
    await expect(registry.pullModel(digest, join(stage.folder, 'out'))).rejects.toMatchObject({
      message: expect.stringContaining('The stored file model.pkl has the digest'),
      fix: expect.stringContaining(`Delete s3://${FOLDER_OF(digest)}/model/model.pkl`),
    });
    expect(await readdir(stage.folder)).toEqual(['a']);
    // What S3 says of it is still what was sent, so this alone does not mend it; without the object it does.
    stage.fake.s3.objects.delete(`${FOLDER_OF(digest)}/model/model.pkl`);
    expect(await registry.pushModel(join(stage.folder, 'a'))).toEqual({ digest, created: false });
    await registry.pullModel(digest, join(stage.folder, 'out'));
  });
});

test('what another tool wrote over an object is mended when the model is registered again', async () => {
  const registry = await open();
  const model = await makeModel('a');
  const attachments = [{ role: 'code', files: [{ name: 'code.tar', bytes: Buffer.from('code') }] }];
  const { digest } = await registry.pushModel(model, { attachments });
  const before = new Map([...stage.fake.s3.objects].map(([key, { bytes }]) => [key, bytes]));
  const store = await openObjectStore(`s3://${FOLDER_OF(digest)}`, { env: stage.fake.env });
  const { name, bytes } = { name: 'model/model.pkl', bytes: Buffer.from('b') };
  await store.put(name, { bytes, size: 1, digest: sha256(bytes) });
  await store.put('manifest.json', { bytes, size: 1, digest: sha256(bytes) });
  for (const { key } of await store.list('files/')) {
    await store.put(key, { bytes: Buffer.from('edoc'), size: 4, digest: sha256('edoc') });
  }
  await expect(registry.pullModel(digest, join(stage.folder, 'out'))).rejects.toThrow();
  await registry.pushModel(model, { attachments });
  expect(new Map([...stage.fake.s3.objects].map(([key, object]) => [key, object.bytes]))).toEqual(before);
  await registry.pullModel(digest, join(stage.folder, 'out'));
});

describe('how a version stands', () => {
  test('is what a person set in SageMaker, with who and when', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a'), { details: DETAILS });
    const [found] = packages();
    found!.fields.ModelApprovalStatus = 'Rejected';
    found!.fields.ApprovalDescription = 'looks odd';
    found!.lastModified = Date.parse('2026-02-02T00:00:00Z');
    const standing = await registry.standing(digest);
    expect(standing).toEqual({
      ...{
        approval: 'rejected',
        stage: 'staging',
        by: 'ann',
        at: '2026-02-02T00:00:00.000Z',
        reason: 'looks odd',
      },
    });
    await registry.setStanding(digest, { stage: 'production', by: 'bob' });
    expect(await registry.standing(digest)).toMatchObject({
      approval: 'rejected',
      stage: 'production',
      by: 'bob',
    });
    expect(found!.fields.ModelLifeCycle).toMatchObject({ Stage: 'production' });
  });

  test('is not guessed from a word that is not known: it may forbid the use', () => {
    expect(approvalOf('PendingManualApproval')).toBe('pending');
    expect(approvalOf(undefined)).toBeUndefined();
    expect(() => approvalOf('Quarantined')).toThrow('unknown approval "Quarantined"');
  });

  test('is kept where an update forgets what it does not name', async () => {
    await restart({ updateErases: true });
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a'), { details: DETAILS });
    await registry.setStanding(digest, { stage: 'production' });
    expect(packages()[0]?.fields).toMatchObject({
      ModelApprovalStatus: 'Approved',
      ModelLifeCycle: { Stage: 'production' },
      CustomerMetadataProperties: { 'mlops.digest': digest },
    });
  });

  test('is absent where nobody said anything', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a'));
    expect(await registry.standing(digest)).toEqual({});
  });
});

describe('the place of the objects', () => {
  test('is remembered by the group, so that readers need no input', async () => {
    const model = await makeModel('a');
    const { digest } = await (await open({ artifacts: 's3://models/team/' })).pushModel(model);
    expect([...stage.fake.state.tags.values()].map((tags) => [...tags])).toEqual([
      [['mlops:artifacts', 's3://models/team']],
    ]);
    await (await open()).pullModel(digest, join(stage.folder, 'out'));
    await expect((await open({ artifacts: 's3://models/other' })).versions()).rejects.toThrow(
      'artifacts names',
    );
    await (await open()).pushModel(await makeModel('b'));
    expect([...stage.fake.s3.objects.keys()].every((key) => key.startsWith('models/team/churn/'))).toBe(true);
  });

  test('is made where it is the default one of the account and missing', async () => {
    await restart({ buckets: [] });
    const { digest } = await (await open()).pushModel(await makeModel('a'));
    expect([...stage.fake.s3.buckets.keys()]).toEqual(['sagemaker-eu-central-1-123456789012']);
    await (await open()).pullModel(digest, join(stage.folder, 'out'));
  });

  test('of a group that somebody else made is added to it', async () => {
    const arn = 'arn:aws:sagemaker:eu-central-1:123456789012:model-package-group/churn';
    stage.fake.state.groups.set('churn', { arn, name: 'churn', createdAt: 0, unseenBy: new Set(), next: 1 });
    stage.fake.state.tags.set(arn, new Map());
    await (await open({ artifacts: 's3://models' })).pushModel(await makeModel('a'));
    expect(stage.fake.state.tags.get(arn)?.get('mlops:artifacts')).toBe('s3://models');
  });

  test('that is missing or elsewhere is said', async () => {
    const model = await makeModel('a');
    await expect((await open({ artifacts: 's3://nowhere/x' })).pushModel(model)).rejects.toThrow(
      'no bucket nowhere',
    );
    await restart({ buckets: { models: 'us-east-1' } });
    await expect((await open({ artifacts: 's3://models' })).pushModel(model)).rejects.toThrow(
      /region us-east-1|another region/,
    );
  });

  test('without conditional writes is declared when that is known', async () => {
    await restart({ conditionalWrites: false });
    const said: string[] = [];
    const registry = await open({ progress: (message) => said.push(message) });
    const { digest } = await registry.pushModel(await makeModel('a'));
    await registry.moveAlias('champion', { to: digest, expected: null });
    expect(registry.capabilities.atomicAlias).toBe(false);
    expect(said.join()).toContain('no conditional writes');
    expect((await registry.resolve('champion'))?.digest).toBe(digest);
  });
});

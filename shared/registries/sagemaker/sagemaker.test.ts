import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeAws, type FakeAwsOptions, startFakeAws } from '../../../action-test/sagemaker/fake.ts';
import { describeUserError, UserError } from '../../errors.ts';
import { AwsFault } from '../../testing/aws/aws-fault.ts';
import { type Fault, meetEveryFault, startFaultProxy } from '../../testing/fault-proxy.ts';
import { openRegistry, parseRegistry, type Registry, type RegistryOptions } from '../registry.ts';
import type { VersionDetails } from '../registry-interface.ts';
import { approvalOf } from './package-fields.ts';

const DEFAULT_PLACE = 'sagemaker-eu-central-1-123456789012/mlops-models';
const FOLDER_OF = (digest: string) => `${DEFAULT_PLACE}/churn/${digest.slice(7)}`;

const DETAILS: VersionDetails = {
  description: 'Churn, trained\non the rows of May 🚀',
  tags: { team: 'growth', 'odd key': 'value; with a sign that SageMaker refuses' },
  metrics: { roc_auc: 0.91, log_loss: Number.NaN },
  source: {
    repository: 'acme/churn',
    commit: 'a'.repeat(40),
    runUrl: 'https://github.com/acme/churn/actions/runs/1',
  },
  inputs: [{ role: 'data', name: 'train.csv', digest: `sha256:${'1'.repeat(64)}` }],
  parent: `sha256:${'2'.repeat(64)}`,
  standing: { approval: 'approved', stage: 'staging', by: 'gate', reason: 'the gate passed' },
  image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/serve:1',
};

let folder: string;
let fake: FakeAws;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sagemaker-'));
  fake = await startFakeAws();
});

afterEach(async () => {
  await fake.close();
  expect(fake.mistakes).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

async function restart(options: FakeAwsOptions): Promise<void> {
  await fake.close();
  fake = await startFakeAws(options);
}

const open = (options: Partial<RegistryOptions> = {}, name = 'churn'): Promise<Registry> =>
  openRegistry(parseRegistry('sagemaker:', name), { env: fake.env, wait: async () => undefined, ...options });

async function makeModel(name: string, content = name): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'model.pkl'), content);
  return path;
}

const packages = () => [...fake.state.packages.values()];

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
    expect(fake.s3.objects.get(`${FOLDER_OF(digest)}/model/model.pkl`)?.bytes.toString()).toBe('a');
    const { ModelQuality } = found!.fields.ModelMetrics as {
      ModelQuality: { Statistics: Record<string, string> };
    };
    const { S3Uri = '', ContentDigest } = ModelQuality.Statistics;
    const document = fake.s3.objects.get(S3Uri.slice('s3://'.length));
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
    fake.state.packages.set(arn, { ...own!, arn, version: 2, fields: { SourceUri: 's3://other/model/' } });
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
    await expect(openRegistry(parseRegistry('sagemaker:eu', 'churn'), { env: fake.env })).rejects.toThrow(
      'more than SageMaker',
    );
    expect(fake.calls).toEqual([]);
  });

  test('that was removed can be registered again', async () => {
    const registry = await open();
    const model = await makeModel('a');
    const { digest } = await registry.pushModel(model);
    for (const version of ['2', '3']) {
      await registry.remove(digest);
      await registry.remove(digest);
      expect([...fake.s3.objects.keys()].filter((key) => key.includes(digest.slice(7)))).toEqual([]);
      expect(await registry.pushModel(model)).toEqual({ digest, created: true });
      expect((await registry.resolve(digest))?.version).toBe(version);
    }
  });

  test('damaged in S3 is refused and leaves no folder', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a'));
    fake.s3.objects.get(`${FOLDER_OF(digest)}/model/model.pkl`)!.bytes = Buffer.from('b');
    await expect(registry.pullModel(digest, join(folder, 'out'))).rejects.toThrow('has the digest');
    expect(await readdir(folder)).toEqual(['a']);
    // What S3 says of it is still what was sent, so this alone does not mend it; without the object it does.
    fake.s3.objects.delete(`${FOLDER_OF(digest)}/model/model.pkl`);
    expect(await registry.pushModel(join(folder, 'a'))).toEqual({ digest, created: false });
    await registry.pullModel(digest, join(folder, 'out'));
  });
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
    expect([...fake.state.tags.values()].map((tags) => [...tags])).toEqual([
      [['mlops:artifacts', 's3://models/team']],
    ]);
    await (await open()).pullModel(digest, join(folder, 'out'));
    await expect((await open({ artifacts: 's3://models/other' })).versions()).rejects.toThrow(
      'artifacts names',
    );
    await (await open()).pushModel(await makeModel('b'));
    expect([...fake.s3.objects.keys()].every((key) => key.startsWith('models/team/churn/'))).toBe(true);
  });

  test('is made where it is the default one of the account and missing', async () => {
    await restart({ buckets: [] });
    const { digest } = await (await open()).pushModel(await makeModel('a'));
    expect([...fake.s3.buckets.keys()]).toEqual(['sagemaker-eu-central-1-123456789012']);
    await (await open()).pullModel(digest, join(folder, 'out'));
  });

  test('of a group that somebody else made is added to it', async () => {
    const arn = 'arn:aws:sagemaker:eu-central-1:123456789012:model-package-group/churn';
    fake.state.groups.set('churn', { arn, name: 'churn', createdAt: 0, unseenBy: new Set(), next: 1 });
    fake.state.tags.set(arn, new Map());
    await (await open({ artifacts: 's3://models' })).pushModel(await makeModel('a'));
    expect(fake.state.tags.get(arn)?.get('mlops:artifacts')).toBe('s3://models');
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

test('every fault at every request of a registration ends in one whole version', {
  timeout: 120_000,
}, async () => {
  const proxy = await startFaultProxy(fake.url);
  const env = { ...fake.env, AWS_ENDPOINT_URL: proxy.url, AWS_MAX_ATTEMPTS: '2', AWS_RETRY_MODE: 'standard' };
  const model = await makeModel('a');
  const attachments = [{ role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('{}') }] }];
  let round = 0;
  // What is left by a kill before a request is what the kill after the one before it leaves.
  const faults: Fault[] = ['fail', 'lost', 'killed-after'];
  const met = await meetEveryFault(
    proxy,
    async () => {
      const name = `churn-${++round}`;
      return {
        async run() {
          const registry = await open({ env, artifacts: 's3://models' }, name);
          const { digest } = await registry.pushModel(model, { attachments, details: DETAILS });
          await registry.moveAlias('champion', { to: digest });
        },
        async check() {
          expect(packages().filter((entry) => entry.group === name)).toHaveLength(1);
          const registry = await open({}, name);
          const digest = (await registry.resolve('champion'))?.digest ?? '';
          expect(await registry.aliasHistory('champion')).toHaveLength(1);
          await registry.pullModel(digest, join(folder, `out-${round}`));
          const [record] = await registry.attachments(digest, 'Evaluation');
          expect(new TextDecoder().decode(await record!.read())).toBe('{}');
          expect(await registry.standing(digest)).toMatchObject({ approval: 'approved', by: 'gate' });
        },
      };
    },
    faults,
  );
  await proxy.close();
  for (const fault of faults) expect(met.filter((entry) => entry.fault === fault).length).toBeGreaterThan(20);
  expect(met.filter(({ fault, error }) => !fault.startsWith('killed') && error)).toEqual([]);
});

describe('what AWS refuses', () => {
  const secrets = {
    AWS_ACCESS_KEY_ID: 'AKIACANARYCANARY0001',
    AWS_SECRET_ACCESS_KEY: 'canary/secret+access=key',
    AWS_SESSION_TOKEN: 'canary//session+token==',
  };
  const echo = `your key ${secrets.AWS_SECRET_ACCESS_KEY}, token ${secrets.AWS_SESSION_TOKEN}`;
  const refusals: [code: string, status: number, words: RegExp][] = [
    ['AccessDeniedException', 400, /Allow sagemaker:DescribeModelPackageGroup/],
    ['ExpiredTokenException', 403, /expired before(.|\n)*role-duration-seconds/],
    ['UnrecognizedClientException', 403, /does not accept the credentials/],
    ['ThrottlingException', 400, /asked too often/],
    ['ValidationException', 400, /refused to read/],
    ['InternalFailure', 500, /refused to read/],
  ];

  test.each(refusals)('%s is said in words that help, without a secret', async (code, status, words) => {
    await restart({ fault: () => new AwsFault(code, echo, status) });
    const env = { ...fake.env, ...secrets, AWS_MAX_ATTEMPTS: '1' };
    const said: string[] = [];
    const registry = await open({ env, progress: (message) => said.push(message) });
    const error: unknown = await registry.pushModel(await makeModel('a')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(describeUserError(error as UserError)).toMatch(words);
    const { inspect } = await import('node:util');
    const everything = [inspect(error, { depth: 20, showHidden: true }), ...said].join('\n');
    for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
  });

  test('no secret is in anything that is stored', async () => {
    const registry = await open({ env: { ...fake.env, ...secrets } });
    const attachments = [{ role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('{}') }] }];
    const { digest } = await registry.pushModel(await makeModel('a'), { attachments, details: DETAILS });
    await registry.moveAlias('champion', { to: digest });
    const stored = [...fake.s3.objects.values()].map(
      (object) => `${object.bytes} ${JSON.stringify(object.metadata)}`,
    );
    const everything = [...stored, JSON.stringify(packages()), JSON.stringify(fake.calls)].join('\n');
    for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
  });

  test('no region, no credentials and no server are said', async () => {
    const { AWS_REGION: _region, ...without } = fake.env;
    await expect(open({ env: { ...without, AWS_CONFIG_FILE: '/nowhere' } })).rejects.toThrow('No AWS region');
    await expect(
      (
        await open({ env: { ...fake.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' } })
      ).versions(),
    ).rejects.toThrow('could not be reached');
    await expect(open({ env: { ...fake.env, AWS_ENDPOINT_URL: 'nonsense' } })).rejects.toThrow(
      'AWS_ENDPOINT_URL',
    );
    await expect(open({ env: { ...fake.env, AWS_MAX_ATTEMPTS: 'many' } })).rejects.toThrow(
      'AWS_MAX_ATTEMPTS',
    );
  });
});

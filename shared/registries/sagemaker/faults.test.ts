import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeUserError, UserError } from '../../errors.ts';
import { AwsFault } from '../../testing/aws/aws-fault.ts';
import { type Fault, meetEveryFault, startFaultProxy } from '../../testing/fault-proxy.ts';
import { DETAILS, sageMakerStage } from '../../testing/sagemaker-stage.ts';

const stage = sageMakerStage();
const { open, makeModel, packages, restart } = stage;

test('every fault at every request of a registration ends in one whole version', {
  timeout: 120_000,
}, async () => {
  const proxy = await startFaultProxy(stage.fake.url);
  const env = {
    ...stage.fake.env,
    AWS_ENDPOINT_URL: proxy.url,
    AWS_MAX_ATTEMPTS: '2',
    AWS_RETRY_MODE: 'standard',
  };
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
          await registry.pullModel(digest, join(stage.folder, `out-${round}`));
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
    const env = { ...stage.fake.env, ...secrets, AWS_MAX_ATTEMPTS: '1' };
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
    const registry = await open({ env: { ...stage.fake.env, ...secrets } });
    const attachments = [{ role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('{}') }] }];
    const { digest } = await registry.pushModel(await makeModel('a'), { attachments, details: DETAILS });
    await registry.moveAlias('champion', { to: digest });
    const stored = [...stage.fake.s3.objects.values()].map(
      (object) => `${object.bytes} ${JSON.stringify(object.metadata)}`,
    );
    const everything = [...stored, JSON.stringify(packages()), JSON.stringify(stage.fake.calls)].join('\n');
    for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
  });

  test('no region, no credentials and no server are said', async () => {
    const { AWS_REGION: _region, ...without } = stage.fake.env;
    await expect(open({ env: { ...without, AWS_CONFIG_FILE: '/nowhere' } })).rejects.toThrow('No AWS region');
    await expect(
      (
        await open({
          env: { ...stage.fake.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
        })
      ).versions(),
    ).rejects.toThrow('could not be reached');
    await expect(open({ env: { ...stage.fake.env, AWS_ENDPOINT_URL: 'nonsense' } })).rejects.toThrow(
      'AWS_ENDPOINT_URL',
    );
    await expect(open({ env: { ...stage.fake.env, AWS_MAX_ATTEMPTS: 'many' } })).rejects.toThrow(
      'AWS_MAX_ATTEMPTS',
    );
  });
});

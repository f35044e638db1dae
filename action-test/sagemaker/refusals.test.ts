/** What the fake refuses, what it lets pass and notes, and how calls fail. */
import { expect, test } from 'vitest';
import { AwsFault, type CallFault } from '../../shared/testing/aws/aws-fault.ts';
import { decodeCbor, encodeCbor } from '../../shared/testing/aws/cbor.ts';
import { AUTHORIZATION, ask, churnOf, makeConfig, makeEndpoint } from './ask.ts';
import { fakeForEach } from './fake-for-each.ts';

const { fake, restart } = fakeForEach();

const describeChurn = () => churnOf(fake).describe();
const update = (config: string, more: object = {}) => churnOf(fake).update(config, more);
const weigh = (weights: Record<string, number>) => churnOf(fake).weigh(weights);
const two = { AllTraffic: { model: 'champion', weight: 1 }, Canary: { model: 'challenger', weight: 0 } };

test('what is missing, doubled, unapproved, too much or not started is refused in the words of AWS', async () => {
  await restart({ instanceLimit: 3 });
  await makeEndpoint(fake);
  const message = async (answer: Promise<object>) => (await answer) as { message?: string; Message?: string };
  expect(await message(makeConfig(fake, 'one', { AllTraffic: { model: 'champion' } }))).toMatchObject({
    message:
      'Cannot create already existing endpoint configuration "arn:aws:sagemaker:eu-central-1:123456789012:endpoint-config/one".',
  });
  expect(await message(ask(fake, 'DescribeModel', { ModelName: 'Other' }))).toMatchObject({
    message: 'Could not find model "arn:aws:sagemaker:eu-central-1:123456789012:model/other".',
  });
  expect(await weigh({ Z: 1 })).toMatchObject({
    message: 'The variant name(s) "Z" is/are not present within endpoint configuration "one".',
  });
  expect(await message(update('none'))).toMatchObject({
    message: expect.stringMatching(/^Could not find endpoint configuration/),
  });
  await makeConfig(fake, 'two', { AllTraffic: { model: 'champion', count: 2 } });
  expect(await update('two')).toMatchObject({
    __type: 'ResourceLimitExceeded',
    Message: expect.stringMatching(/limit/),
  });

  await ask(fake, 'CreateModelPackageGroup', { ModelPackageGroupName: 'churn' });
  const { ModelPackageArn } = await ask(fake, 'CreateModelPackage', {
    ...{ ModelPackageGroupName: 'churn', SourceUri: 's3://models/churn/' },
  });
  const model = {
    ModelName: 'packaged',
    Containers: [{ ModelPackageName: ModelPackageArn }],
    ExecutionRoleArn: 'arn:aws:iam::123456789012:role/serve',
  };
  expect(await ask(fake, 'CreateModel', model)).toMatchObject({
    message: expect.stringContaining('is not approved: PendingManualApproval'),
  });
  await ask(fake, 'UpdateModelPackage', { ModelPackageArn, ModelApprovalStatus: 'Approved' });
  expect(await ask(fake, 'CreateModel', model)).toHaveProperty('ModelArn');
});

test('deleting what is used is allowed, noted, and the next launch fails', async () => {
  await makeEndpoint(fake);
  await makeConfig(fake, 'two', two);
  await update('two');
  await ask(fake, 'DeleteModel', { ModelName: 'challenger' });
  await ask(fake, 'DeleteEndpointConfig', { EndpointConfigName: 'two' });
  expect(fake.hazards).toEqual([
    'The model challenger was deleted while churn used it.',
    'The endpoint configuration two was deleted while churn used it.',
  ]);
  fake.advance(300_000);
  expect(await describeChurn()).toMatchObject({
    ...{ EndpointStatus: 'InService', EndpointConfigName: 'one' },
    FailureReason: expect.stringContaining('challenger'),
  });
  await weigh({ AllTraffic: 0 });
  expect(fake.hazards.at(-1)).toBe('Every variant of churn was given the weight 0.');
});

test('containers that do not start roll an update back, and fail a creation', async () => {
  await makeEndpoint(fake);
  fake.behave('broken', { startsUp: false });
  await makeConfig(fake, 'bad', { AllTraffic: { model: 'broken' } });
  await update('bad');
  await ask(fake, 'CreateEndpoint', { EndpointName: 'other', EndpointConfigName: 'bad' });
  fake.advance(300_000);
  const FailureReason = expect.stringContaining('did not pass the ping health check');
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'one',
    FailureReason,
  });
  expect(await ask(fake, 'DescribeEndpoint', { EndpointName: 'other' })).toMatchObject({
    EndpointStatus: 'Failed',
    FailureReason,
  });
});

test('what was just made may be invisible, and lists have names, pages and tags', async () => {
  await restart({ invisibleMs: 3000, pageSize: 2 });
  for (const name of ['a-1', 'b-1', 'a-2', 'a-3'])
    await makeConfig(fake, name, { V: { model: `m-${name}` } });
  expect(await ask(fake, 'DescribeModel', { ModelName: 'm-a-3' })).toMatchObject({
    __type: 'ValidationException',
  });
  fake.advance(3000);
  // The configurations could not see their models yet.
  expect((await ask(fake, 'ListEndpointConfigs', {})).EndpointConfigs).toEqual([]);
  for (const name of ['a-1', 'b-1', 'a-2', 'a-3'])
    await makeConfig(fake, name, { V: { model: `m-${name}` } });
  fake.advance(3000);
  const names: unknown[] = [];
  let NextToken: unknown;
  do {
    const page = await ask(fake, 'ListEndpointConfigs', {
      ...{ NameContains: 'a-', SortBy: 'Name', SortOrder: 'Ascending' },
      ...(NextToken === undefined ? {} : { NextToken }),
    });
    names.push(
      (page.EndpointConfigs as { EndpointConfigName: string }[]).map((entry) => entry.EndpointConfigName),
    );
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(names).toEqual([['a-1', 'a-2'], ['a-3']]);
  const ResourceArn = 'arn:aws:sagemaker:eu-central-1:123456789012:model/m-a-1';
  await ask(fake, 'AddTags', { ResourceArn, Tags: [{ Key: 'mlops', Value: 'challenger' }] });
  expect(await ask(fake, 'ListTags', { ResourceArn })).toEqual({
    Tags: [{ Key: 'mlops', Value: 'challenger' }],
  });
});

test('a call fails, hangs or loses its answer as the test says, before or after its work', async () => {
  const faults: Record<string, CallFault> = {};
  await restart({ fault: async (call) => faults[call.operation] ?? 'none' });
  await makeEndpoint(fake);
  faults.CreateModel = new AwsFault('ThrottlingException', 'Rate exceeded');
  faults.DeleteEndpoint = 'hang-after';
  faults.UpdateEndpoint = 'hang-before';
  faults.ListModels = 'drop-before';
  expect(await ask(fake, 'CreateModel', { ModelName: 'x' })).toMatchObject({ __type: 'ThrottlingException' });
  await expect(ask(fake, 'ListModels', {})).rejects.toThrow('fetch failed');
  const hung = [update('one'), ask(fake, 'DeleteEndpoint', { EndpointName: 'churn' })];
  const ends = Promise.allSettled(hung);
  await expect.poll(() => fake.state.endpoints.get('churn')?.status).toBe('Deleting');
  await fake.close();
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('an answer that is not of the model, and a request that is not, are found in every protocol', async () => {
  await makeEndpoint(fake);
  fake.state.configs.get('one')!.fields.NoSuchField = 1;
  await expect(ask(fake, 'DescribeEndpointConfig', { EndpointConfigName: 'one' })).rejects.toThrow();
  expect(fake.mistakes.splice(0)).toEqual([
    "Error: The fake's own answer to DescribeEndpointConfig: NoSuchField: is not in the service model",
  ]);
  expect(await ask(fake, 'DescribeEndpoint', { Name: 'churn' })).toMatchObject({
    message: expect.stringContaining('EndpointName: is required'),
  });
  const put = { AlarmName: 'a', Namespace: 'N', MetricName: 'm', Statistic: 'Sum', Period: 60 };
  const limit = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' };
  await ask(fake, 'PutMetricAlarm', { ...put, ...limit }, 'cloudwatch');
  const cbor = async (operation: string, input: object) => {
    const response = await fetch(`${fake.url}/service/GraniteServiceVersion20100801/operation/${operation}`, {
      ...{ method: 'POST', body: new Uint8Array(encodeCbor(input)) },
      headers: { authorization: AUTHORIZATION, 'smithy-protocol': 'rpc-v2-cbor' },
    });
    return {
      error: response.headers.get('x-amzn-query-error'),
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  };
  // A timestamp is a float with the tag 1.
  expect((await cbor('DescribeAlarms', {})).bytes.toString('hex')).toContain('c1fb41da');
  const refused = await cbor('DescribeAlarms', { Names: ['a'] });
  expect(refused.error).toBe('InvalidParameterValue;Sender');
  expect(decodeCbor(refused.bytes)).toMatchObject({ __type: 'InvalidParameterValueException' });
});

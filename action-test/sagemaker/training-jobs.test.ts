/** Training jobs of the fake: what it refuses, and how what runs ends. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { expect, test } from 'vitest';
import { type Asked, ask } from './ask.ts';
import { fakeForEach } from './fake-for-each.ts';
import { upload } from './training-objects.ts';

const { fake, restart } = fakeForEach();

const request = (name: string, command: string, more: object = {}) => ({
  TrainingJobName: name,
  RoleArn: 'arn:aws:iam::123456789012:role/training',
  AlgorithmSpecification: {
    TrainingInputMode: 'File',
    TrainingImage: 'training',
    ContainerEntrypoint: ['bash', '-c'],
    ContainerArguments: [command],
    MetricDefinitions: [{ Name: 'loss', Regex: 'loss=([0-9.]+)' }],
  },
  OutputDataConfig: { S3OutputPath: 's3://models/out' },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
  StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  Environment: { MODEL: '/opt/ml/model', ROOT: '/opt/ml', PLAIN: 'x/opt/ml' },
  ...more,
});
const SPOT = {
  EnableManagedSpotTraining: true,
  StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
};
const create = (name: string, command: string, more: object = {}) =>
  ask(fake, 'CreateTrainingJob', request(name, command, more));
const describeJob = (TrainingJobName: string) => ask(fake, 'DescribeTrainingJob', { TrainingJobName });
const statusOf = (name: string) => fake.state.trainingJobs.get(name)!.status;
const secondary = (job: Asked) =>
  (job.SecondaryStatusTransitions as { Status: string }[]).map(({ Status }) => Status);
const linesOf = (name: string) =>
  [...fake.state.logs.values()]
    .filter((log) => log.name.startsWith(`${name}/`))
    .flatMap(({ events }) => events.map(({ message }) => message));

test('a command runs with its channels and variables; its output, model and metrics are kept', async () => {
  upload('models/in/a/rows.csv', Buffer.from('1'), fake.machines.s3);
  const channel = {
    ChannelName: 'training',
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://models/in/' } },
  };
  const command =
    'cat $ROOT/input/data/training/a/rows.csv; echo; echo "$PLAIN"; echo; echo loss=0.5; echo loss=0.25 >&2; echo m > $MODEL/m';
  await create('one', command, { InputDataConfig: [channel], HyperParameters: { a: '1' } });
  expect(await create('one', command)).toMatchObject({ __type: 'ResourceInUse' });
  await expect.poll(() => statusOf('one')).toBe('Completed');
  expect(linesOf('one')).toEqual(['1', 'x/opt/ml', ' ', 'loss=0.5', 'loss=0.25']);
  const job = await describeJob('one');
  expect(job).toMatchObject({
    ...{
      SecondaryStatus: 'Completed',
      TrainingTimeInSeconds: expect.any(Number),
      HyperParameters: { a: '1' },
    },
    FinalMetricDataList: [{ MetricName: 'loss', Value: 0.25 }],
  });
  expect(job.BillableTimeInSeconds).toBe(job.TrainingTimeInSeconds);
  expect(secondary(job)).toEqual(['Starting', 'Downloading', 'Training', 'Uploading', 'Completed']);
  expect(fake.s3.objects.has('models/out/one/output/model.tar.gz')).toBe(true);
  expect(await ask(fake, 'StopTrainingJob', { TrainingJobName: 'one' })).toMatchObject({
    message: 'The request was rejected because the training job is in status Completed.',
  });
  const { TrainingJobSummaries } = await ask(fake, 'ListTrainingJobs', { StatusEquals: 'Completed' });
  expect(TrainingJobSummaries).toMatchObject([{ TrainingJobName: 'one' }]);
});

test('what is refused at once is refused in the words of AWS', async () => {
  const message = async (more: object) => String((await create('job', 'true', more)).message);
  expect(await message({ EnableManagedSpotTraining: true })).toContain('Invalid MaxWaitTimeInSeconds');
  expect(await message({ StoppingCondition: { MaxWaitTimeInSeconds: 90_000 } })).toContain('managed spot');
  const kept = { ...request('a', '').ResourceConfig, KeepAlivePeriodInSeconds: 60 };
  expect(await message({ ...SPOT, ResourceConfig: kept })).toContain('KeepAlivePeriodInSeconds');
  const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: 's3://models/none/' };
  expect(await message({ InputDataConfig: [{ ChannelName: 'a', DataSource: { S3DataSource } }] })).toContain(
    'No S3 objects found',
  );
  expect(await message({ NoSuchField: 1 })).toContain('is not in the service model');
  expect((await describeJob('job')).message).toBe('Requested resource not found.');
  await restart({ instanceLimit: 1 });
  await create('job', 'sleep 600');
  expect(await create('next', 'true')).toMatchObject({ __type: 'ResourceLimitExceeded' });
});

test('what is stopped, over its time or taken away ends so, with all that it started', async () => {
  const command =
    'trap "echo asked; exit 1" TERM; setsid sleep 600 & echo $!; (set -m; sleep 600 & wait) & echo $!; while true; do sleep 0.01; done';
  await create('stopped', command);
  await create('late', command, { StoppingCondition: { MaxRuntimeInSeconds: 100 } });
  await create('taken', command, SPOT);
  for (const name of ['stopped', 'late', 'taken']) await expect.poll(() => linesOf(name)).toHaveLength(2);
  expect(() => fake.interrupt('stopped')).toThrow('not on a spot instance');
  await ask(fake, 'StopTrainingJob', { TrainingJobName: 'stopped' });
  expect(fake.interrupt('taken', false)).toBe(true);
  expect(fake.interrupt('taken', false)).toBe(false);
  await expect.poll(() => statusOf('stopped')).toBe('Stopped');
  expect(await describeJob('stopped')).toMatchObject({ SecondaryStatus: 'Stopped' });
  expect(linesOf('stopped')).toContain('asked');
  fake.advance(100_000);
  await expect.poll(() => statusOf('late')).toBe('Stopped');
  expect(await describeJob('late')).toMatchObject({ SecondaryStatus: 'MaxRuntimeExceeded' });
  await expect.poll(async () => (await describeJob('taken')).SecondaryStatus).toBe('Interrupted');
  fake.advance(7_200_000);
  expect(await describeJob('taken')).toMatchObject({
    TrainingJobStatus: 'Stopped',
    SecondaryStatus: 'MaxWaitTimeExceeded',
  });
});

test('what will not end is killed after its two minutes, and its folder is gone when the fake ends', async () => {
  await create('stubborn', 'trap "" TERM; echo "$ROOT"; while true; do sleep 0.01; done');
  await expect.poll(() => linesOf('stubborn')).toHaveLength(1);
  const [root] = linesOf('stubborn');
  expect(root).toContain(join(tmpdir(), 'fake-training-'));
  await ask(fake, 'StopTrainingJob', { TrainingJobName: 'stubborn' });
  fake.advance(60_000);
  expect(statusOf('stubborn')).toBe('Stopping');
  expect(existsSync(root!)).toBe(true);
  fake.advance(60_000);
  await expect.poll(() => statusOf('stubborn')).toBe('Stopped');
  await create('again', 'echo "$ROOT"; sleep 600');
  await expect.poll(() => linesOf('again')).toHaveLength(1);
  await fake.close();
  expect(existsSync(linesOf('again')[0]!)).toBe(false);
});

test('a failure has the exit code and what the command said of it', async () => {
  await create('failing', 'echo -n out of memory > $ROOT/output/failure; exit 137');
  await expect.poll(() => statusOf('failing')).toBe('Failed');
  expect(await describeJob('failing')).toMatchObject({
    ...{ SecondaryStatus: 'Failed', FailureReason: 'AlgorithmError: out of memory, exit code: 137' },
  });
});

test("the SDK's clients read jobs and pages of logs", async () => {
  const settings = {
    endpoint: fake.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' },
  };
  const logs = new CloudWatchLogsClient({ ...settings, maxAttempts: 1 });
  const group = { logGroupName: '/aws/sagemaker/TrainingJobs' };
  await expect(logs.send(new FilterLogEventsCommand(group))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await create('one', 'for i in 1 2 3; do echo $i; done');
  await expect.poll(() => statusOf('one')).toBe('Completed');
  const job = await new SageMakerClient(settings).send(
    new DescribeTrainingJobCommand({ TrainingJobName: 'one' }),
  );
  expect(job.TrainingEndTime).toBeInstanceOf(Date);
  const [logStreamName] = [...fake.state.logs.values()].map(({ name }) => name);
  const read = (more: object) =>
    logs.send(new GetLogEventsCommand({ ...group, logStreamName, startFromHead: true, ...more }));
  const first = await read({ limit: 2 });
  expect(first.events?.map(({ message }) => message)).toEqual(['1', '2']);
  const second = await read({ nextToken: first.nextForwardToken });
  expect(second.events?.map(({ message }) => message)).toEqual(['3']);
  expect((await read({ nextToken: second.nextForwardToken })).nextForwardToken).toBe(second.nextForwardToken);
  await expect(read({ nextToken: 'other' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const { events } = await logs.send(new FilterLogEventsCommand({ ...group, logStreamNamePrefix: 'one/' }));
  expect(events).toHaveLength(3);
});

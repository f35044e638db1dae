/** The same requests to the fake of AWS and to moto, which others wrote: the same answers, but for what is named here. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  ListTagsCommand,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from 'vitest';
import { startFakeAws } from '../sagemaker/fake.ts';
import { startMoto } from './moto-server.ts';

const moto = process.env.MLOPS_TEST_MOTO;
if (!moto && process.env.CI === 'true')
  test('moto is there', () => expect.fail('MLOPS_TEST_MOTO names no interpreter with moto'));

/** moto knows no DeployedImages, and puts the statistic into labels. */
const UNLIKE = ['$metadata', 'DeployedImages', 'Label'];
const MINUTE = 60_000;
const ROLE = 'arn:aws:iam::123456789012:role/serve';
const variant = (VariantName: string, ModelName: string, InitialVariantWeight: number) => ({
  ...{ VariantName, ModelName, InitialVariantWeight },
  ...{ InstanceType: 'ml.m5.large' as const, InitialInstanceCount: 1 },
});
const Tags = [{ Key: 'mlops:name', Value: 'churn' }];

interface Place {
  url: string;
  /** Lets what was begun be done. */
  settle: () => void;
  /** Milliseconds, a whole minute in the past. */
  end: () => number;
}

/** Every answer, by the request. */
async function answersOf({ url, settle, end }: Place): Promise<Record<string, unknown>> {
  const settings = {
    ...{ endpoint: url, region: 'eu-central-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const client = new SageMakerClient(settings);
  const answers: Record<string, unknown> = {};
  const note = async (name: string, answer: Promise<object>) => {
    answers[name] = plain(await answer.catch((error: Error) => ({ refused: error.name })));
    settle();
  };
  const EndpointName = 'churn';
  for (const ModelName of ['champion', 'challenger']) {
    const PrimaryContainer = { Image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${ModelName}:1` };
    await note(
      `create ${ModelName}`,
      client.send(new CreateModelCommand({ ModelName, PrimaryContainer, ExecutionRoleArn: ROLE, Tags })),
    );
  }
  await note('model', client.send(new DescribeModelCommand({ ModelName: 'champion' })));
  await note('models', client.send(new ListModelsCommand({ NameContains: 'cha', SortBy: 'Name' })));
  const config = {
    EndpointConfigName: 'both',
    ProductionVariants: [variant('A', 'champion', 3), variant('B', 'challenger', 1)],
    Tags,
  };
  await note('create config', client.send(new CreateEndpointConfigCommand(config)));
  await note('config', client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'both' })));
  await note('configs', client.send(new ListEndpointConfigsCommand({ NameContains: 'bo' })));
  const endpoint = { EndpointName, EndpointConfigName: 'both', Tags };
  await note('create endpoint', client.send(new CreateEndpointCommand(endpoint)));
  await note('endpoint', client.send(new DescribeEndpointCommand({ EndpointName })));
  await note('endpoints', client.send(new ListEndpointsCommand({ StatusEquals: 'InService' })));
  const ResourceArn = 'arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn';
  await note('tags', client.send(new ListTagsCommand({ ResourceArn })));
  // moto forgets the counts that it is not sent.
  const DesiredWeightsAndCapacities = [
    { VariantName: 'A', DesiredWeight: 60, DesiredInstanceCount: 2 },
    { VariantName: 'B', DesiredWeight: 40, DesiredInstanceCount: 1 },
  ];
  const weights = { EndpointName, DesiredWeightsAndCapacities };
  await note('weigh', client.send(new UpdateEndpointWeightsAndCapacitiesCommand(weights)));
  await note('weighed', client.send(new DescribeEndpointCommand({ EndpointName })));
  await note('delete endpoint', client.send(new DeleteEndpointCommand({ EndpointName })));
  await note('no endpoint', client.send(new DescribeEndpointCommand({ EndpointName })));
  await note('delete config', client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'both' })));
  await note('no config', client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'both' })));
  await note('delete model', client.send(new DeleteModelCommand({ ModelName: 'champion' })));
  await note('no model', client.send(new DescribeModelCommand({ ModelName: 'champion' })));
  await note('metrics', metrics(new CloudWatchClient(settings), end()));
  return answers;
}

async function metrics(client: CloudWatchClient, end: number): Promise<object> {
  const Dimensions = [{ Name: 'VariantName', Value: 'A' }];
  const start = end - 3 * MINUTE;
  const MetricData = [0, 0, 1, 2].map((minute, index) => ({
    ...{ MetricName: 'ModelLatency', Dimensions, Value: 10 ** index },
    Timestamp: new Date(start + minute * MINUTE + 5000),
  }));
  await client.send(new PutMetricDataCommand({ Namespace: 'AWS/SageMaker', MetricData }));
  const Metric = { Namespace: 'AWS/SageMaker', MetricName: 'ModelLatency', Dimensions };
  const found = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: ['Sum', 'Average', 'SampleCount', 'Minimum', 'Maximum'].map((Stat) => ({
        Id: Stat.toLowerCase(),
        MetricStat: { Metric, Period: 60, Stat },
      })),
      ...{ StartTime: new Date(start), EndTime: new Date(end), ScanBy: 'TimestampAscending' },
    }),
  );
  const { MetricDataResults = [] } = found;
  return Object.fromEntries(
    MetricDataResults.map(({ Id = '', Label, StatusCode, Timestamps = [], Values }) => [
      Id,
      { Label, StatusCode, Values, minutes: Timestamps.map((at) => (at.getTime() - start) / MINUTE) },
    ]),
  );
}

/** Without what differs from run to run, and without fields that are empty, which moto sends and AWS does not. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return 'a time';
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => !UNLIKE.includes(name))
    .map(([name, entry]) => [name, plain(entry)] as const)
    .filter(([, entry]) => entry !== undefined && !isEmpty(entry));
  return Object.fromEntries(entries);
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

describe.skipIf(!moto)('moto', () => {
  test('answers what the fake answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'moto-'));
    const server = await startMoto(moto!, folder);
    const fake = await startFakeAws({ metricDelayMs: 0 });
    try {
      const minute = (at: number) => Math.floor(at / MINUTE) * MINUTE;
      const there = await answersOf({ url: server.url, settle: () => {}, end: () => minute(Date.now()) });
      const here = await answersOf({
        ...{ url: fake.url, settle: () => fake.advance(600_000) },
        end: () => minute(fake.now()),
      });
      expect(here).toEqual(there);
      expect(fake.mistakes).toEqual([]);
    } finally {
      await fake.close();
      await server.end();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

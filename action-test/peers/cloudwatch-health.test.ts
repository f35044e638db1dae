/** System health from a server of CloudWatch that keeps what it is given and works out percentiles. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessSystem } from '../../actions/drift-check/system-health/assess-system.ts';
import { openCloudWatch } from '../../shared/monitoring/cloudwatch.ts';
import type { MetricAccess } from '../../shared/monitoring/metric-source.ts';
import { systemPolicySchema } from '../../shared/records/system-policy.ts';
import { startMinistack } from './ministack-server.ts';

const ministack = process.env.MLOPS_TEST_MINISTACK;
if (!ministack && process.env.CI === 'true')
  test('ministack is there', () => expect.fail('MLOPS_TEST_MINISTACK names no interpreter with ministack'));

const MINUTE = 60_000;
/** CloudWatch takes values of the last two weeks alone. */
const END = Math.floor(Date.now() / (10 * MINUTE)) * 10 * MINUTE;
const WINDOWS = 8;
const DIMENSIONS = { EndpointName: 'churn', VariantName: 'AllTraffic' };

describe.skipIf(!ministack)('CloudWatch', () => {
  let folder: string;
  let access: MetricAccess;
  let end: () => Promise<void>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudwatch-'));
    const server = await startMinistack(ministack!, folder);
    end = server.end;
    const { env } = server;
    access = { env, now: () => new Date(END), wait: async () => undefined };
    const client = new CloudWatchClient({
      endpoint: env.AWS_ENDPOINT_URL,
      region: env.AWS_REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const Dimensions = Object.entries(DIMENSIONS).map(([Name, Value]) => ({ Name, Value }));
    // Ten minutes a window: the mean latency is 1000, 1010 or 1020 µs, and 1500 in the last.
    const data = Array.from({ length: WINDOWS * 10 + 10 }, (_, minute) => {
      const isLast = minute >= WINDOWS * 10;
      const middle = isLast ? 1500 : 1000 + (Math.floor(minute / 10) % 3) * 10;
      return {
        MetricName: 'ModelLatency',
        Dimensions,
        Timestamp: new Date(END - (WINDOWS * 10 + 10 - minute) * MINUTE + 5000),
        Values: [middle - 100, middle, middle + 100],
        Counts: [1, 2, 1],
      };
    });
    await client.send(new PutMetricDataCommand({ Namespace: 'AWS/SageMaker', MetricData: data }));
    client.destroy();
  });
  afterAll(async () => {
    await end?.();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('each period has its value, by statistic', async () => {
    const source = await openCloudWatch(undefined, access);
    const range = { start: END - 20 * MINUTE, end: END, step: MINUTE };
    const read = async (statistic: string) => {
      const metric = { namespace: 'AWS/SageMaker', name: 'ModelLatency', dimensions: DIMENSIONS, statistic };
      return (await source.readSeries({ metric }, range, 'latency')).points;
    };
    const average = await read('Average');
    expect(average).toHaveLength(20);
    expect([average[0], average.at(-1)]).toEqual([
      { time: END - 19 * MINUTE, value: 1010 },
      { time: END, value: 1500 },
    ]);
    expect((await read('SampleCount')).at(-1)?.value).toBe(4);
    expect((await read('Sum')).at(-1)?.value).toBe(6000);
    expect((await read('Maximum')).at(-1)?.value).toBe(1600);
    expect((await read('p50')).at(-1)?.value).toBe(1500);
  });

  test('a slower endpoint is found against a limit and against the windows before', async () => {
    const metric = {
      namespace: 'AWS/SageMaker',
      name: 'ModelLatency',
      dimensions: DIMENSIONS,
      statistic: 'Average',
    };
    const policy = systemPolicySchema.parse({
      source: { cloudwatch: { region: 'eu-central-1' } },
      ...{ window: '10m', season: '10m', past: '80m', delay: '0s' },
      measures: [
        { name: 'latency', unit: 'µs', metric, max: 2000, max_increase: '20%' },
        { name: 'gpu', metric: { ...metric, name: 'GPUUtilization' }, max: 95 },
      ],
    });
    const source = await openCloudWatch('eu-central-1', access);
    const { measures } = await assessSystem(policy, source, new Date(END), () => ({}));
    expect(measures[0]).toMatchObject({
      status: 'beyond',
      value: 1500,
      past: { windows: WINDOWS, mean: 1008.75 },
    });
    expect(measures[0]!.limits.map(({ status }) => status)).toEqual(['within', 'beyond']);
    expect(measures[1]).toMatchObject({ status: 'missing', value: null, steps: { expected: 10, valued: 0 } });
  });
});

/** The same values in the fake's CloudWatch and in ministack's: the same statistics of each minute. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { seededDraw } from '../sagemaker/behaviour.ts';
import { startFakeAws } from '../sagemaker/fake.ts';
import { startMinistack } from './ministack-server.ts';

const ministack = process.env.MLOPS_TEST_MINISTACK;
if (!ministack && process.env.CI === 'true')
  test('ministack is there', () => expect.fail('MLOPS_TEST_MINISTACK names no interpreter with ministack'));

const MINUTE = 60_000;
const STATISTICS = ['Sum', 'Average', 'SampleCount', 'Minimum', 'Maximum', 'p50', 'p95', 'p99.9'];
const MINUTES = 5;

/** @param end milliseconds, a whole minute. */
async function statisticsOf(url: string, end: number): Promise<Record<string, unknown>> {
  const client = new CloudWatchClient({
    ...{ endpoint: url, region: 'eu-central-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const draw = seededDraw(3);
  const Dimensions = [{ Name: 'VariantName', Value: 'A' }];
  const start = end - MINUTES * MINUTE;
  const MetricData = Array.from({ length: MINUTES }, (_, minute) => ({
    ...{ MetricName: 'ModelLatency', Dimensions, Timestamp: new Date(start + minute * MINUTE + 5000) },
    Values: Array.from({ length: 30 }, () => Math.round(10_000 - 5000 * Math.log(1 - draw()))),
    Counts: Array.from({ length: 30 }, () => 1 + Math.floor(4 * draw())),
  }));
  await client.send(new PutMetricDataCommand({ Namespace: 'AWS/SageMaker', MetricData }));
  const Metric = { Namespace: 'AWS/SageMaker', MetricName: 'ModelLatency', Dimensions };
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: STATISTICS.map((Stat, index) => ({
        Id: `q${index}`,
        MetricStat: { Metric, Period: 60, Stat },
      })),
      ...{ StartTime: new Date(start), EndTime: new Date(end), ScanBy: 'TimestampAscending' },
    }),
  );
  client.destroy();
  return Object.fromEntries(
    MetricDataResults.map(({ Id, Timestamps, Values }) => [
      STATISTICS[Number(Id?.slice(1))],
      Values?.map((value, index) => [Timestamps![index]!.getTime() - start, Number(value.toFixed(6))]),
    ]),
  );
}

describe.skipIf(!ministack)('CloudWatch', () => {
  test('statistics and percentiles agree with those of ministack', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cloudwatch-fake-'));
    const server = await startMinistack(ministack!, folder);
    const fake = await startFakeAws({ metricDelayMs: 0 });
    try {
      // ministack takes values of the last two weeks alone; the fake has a time of its own.
      const there = await statisticsOf(server.env.AWS_ENDPOINT_URL, Math.floor(Date.now() / MINUTE) * MINUTE);
      fake.advance(MINUTES * MINUTE);
      const here = await statisticsOf(fake.url, Math.floor(fake.now() / MINUTE) * MINUTE);
      expect(Object.keys(here)).toEqual(STATISTICS);
      expect(here).toEqual(there);
      expect(here.p95).toHaveLength(MINUTES);
      expect(fake.mistakes).toEqual([]);
    } finally {
      await fake.close();
      await server.end();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

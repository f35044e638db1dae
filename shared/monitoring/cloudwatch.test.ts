import { afterEach, expect, test } from 'vitest';
import { describeUserError, UserError } from '../errors.ts';
import { fakeEnvironment } from '../testing/aws/s3-server.ts';
import { type LoopbackServer, readBody, startLoopbackServer } from '../testing/loopback-server.ts';
import { openCloudWatch } from './cloudwatch.ts';
import { type MetricAccess, type MetricRange, MetricsUnavailable } from './metric-source.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const NOW = Date.parse('2026-03-02T11:00:00Z');
const HOUR: MetricRange = { start: NOW - 60 * MINUTE, end: NOW, step: MINUTE };
const METRIC = {
  namespace: 'AWS/SageMaker',
  name: 'ModelLatency',
  dimensions: { EndpointName: 'churn', VariantName: 'AllTraffic' },
  statistic: 'p99',
};

let server: LoopbackServer | undefined;
afterEach(() => server?.close());

const access = (url = 'http://127.0.0.1:1'): MetricAccess => ({
  env: { ...fakeEnvironment(url), AWS_MAX_ATTEMPTS: '1' },
  now: () => new Date(NOW),
  wait: async () => undefined,
});

/** Answers of GetMetricData, one page after the other. */
async function answering(...pages: { status?: number; body: unknown }[]): Promise<Record<string, unknown>[]> {
  const asked: Record<string, unknown>[] = [];
  server = await startLoopbackServer(async (request, response) => {
    expect(request.headers['x-amz-target']).toMatch(/\.GetMetricData$/);
    asked.push(JSON.parse((await readBody(request)).toString()) as Record<string, unknown>);
    const { status = 200, body } = pages[Math.min(asked.length, pages.length) - 1]!;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  return asked;
}

const page = (minutes: number[], more: object = {}, token?: string) => ({
  body: {
    MetricDataResults: [
      {
        Id: 'value',
        StatusCode: 'Complete',
        Timestamps: minutes.map((minute) => HOUR.start / 1000 + minute * 60),
        Values: minutes.map((minute) => minute / 10),
        ...more,
      },
    ],
    ...(token && { NextToken: token }),
  },
});

async function read(range = HOUR) {
  const source = await openCloudWatch(undefined, access(server?.url));
  return source.readSeries({ metric: METRIC }, range, 'latency');
}

async function failure(range?: MetricRange): Promise<string> {
  const error = await read(range).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UserError);
  return describeUserError(error as UserError);
}

test('every page is read, and a value stands at the end of its period', async () => {
  const asked = await answering(page([2, 3], { StatusCode: 'PartialData' }, 'more'), page([0, 1]));
  expect(await read()).toEqual({
    points: [1, 2, 3, 4].map((minute) => ({
      time: HOUR.start + minute * MINUTE,
      value: (minute - 1) / 10,
    })),
    warnings: [],
  });
  expect(asked[0]).toMatchObject({
    StartTime: HOUR.start / 1000,
    EndTime: HOUR.end / 1000,
    MetricDataQueries: [
      {
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SageMaker',
            MetricName: 'ModelLatency',
            Dimensions: [
              { Name: 'EndpointName', Value: 'churn' },
              { Name: 'VariantName', Value: 'AllTraffic' },
            ],
          },
          Period: 60,
          Stat: 'p99',
        },
      },
    ],
  });
  expect(asked[1]).toMatchObject({ NextToken: 'more' });
});

test('values that CloudWatch left out are told of, and what it says of them', async () => {
  await answering(page([0], { StatusCode: 'PartialData', Messages: [{ Code: 'Late', Value: 'come back' }] }));
  expect((await read()).warnings).toEqual(['Late: come back', 'CloudWatch left values out (PartialData)']);
});

test('what is forbidden, refused, or never ends', async () => {
  await answering(
    page([], { StatusCode: 'Forbidden' }),
    { status: 400, body: { __type: 'AccessDenied', message: 'no' } },
    page([0], {}, 'again'),
  );
  expect(await failure()).toMatch(/latency to give \(Forbidden\)\.\n.*Allow cloudwatch:GetMetricData/);
  expect(await failure()).toMatch(
    /does not allow.*read latency from CloudWatch.*\n.*cloudwatch:GetMetricData/,
  );
  expect(await failure()).toMatch(/never ends/);
});

test('a service in trouble, or none at all, is told from a question that is refused', async () => {
  const thrown = () => read().catch((cause: unknown) => cause);
  expect(await thrown()).toBeInstanceOf(MetricsUnavailable);
  for (const [status, type, isTrouble] of [
    [500, 'InternalServiceFault', true],
    [503, 'ServiceUnavailable', true],
    [400, 'ThrottlingException', true],
    [400, 'InvalidParameterValueException', false],
    [403, 'AccessDeniedException', false],
  ] as const) {
    await answering({ status, body: { __type: type, message: 'no' } });
    const error = await thrown();
    expect(error, type).toBeInstanceOf(UserError);
    expect(error instanceof MetricsUnavailable, type).toBe(isTrouble);
    await server!.close();
  }
});

test('what CloudWatch does not keep, or has no periods for, is refused before it is asked', async () => {
  const asked = await answering(page([]));
  const range = (days: number, step: number) => ({
    start: NOW - days * DAY,
    end: NOW - days * DAY + step,
    step,
  });
  expect(await failure(range(15.1, MINUTE))).toMatch(
    /keeps values of 60 s for 15 days, and latency needs older.*\n.*step of 300 s or more/,
  );
  expect(await failure(range(0.2, 10_000))).toMatch(/values of 10 s for 3 hours.*\n.*step of 60 s/);
  expect(await failure(range(500, 3_600_000))).toMatch(/for 455 days.*\n.*Look back less far/);
  expect(await failure(range(1, 90_000))).toMatch(/no values for a step of 90 s/);
  expect(asked).toEqual([]);
  await read(range(60, 300_000));
  expect(asked).toHaveLength(1);
});

test('without a region it says so', async () => {
  const { AWS_REGION: _, ...env } = access().env;
  const nowhere = { ...env, AWS_CONFIG_FILE: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' };
  await expect(openCloudWatch(undefined, { ...access(), env: nowhere })).rejects.toThrow(/No AWS region/);
  const named = await openCloudWatch('eu-west-1', { ...access(), env: nowhere });
  expect(named.place).toBe('CloudWatch in eu-west-1');
});

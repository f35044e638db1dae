/** Requests, what CloudWatch says of them, and what is registered for scaling. */
import { expect, test } from 'vitest';
import { type Asked, ask, invoke, makeConfig, makeEndpoint } from './ask.ts';
import { fakeForEach } from './fake-for-each.ts';

const MINUTE = 60_000;
const { fake } = fakeForEach({ seed: 7 });

const stat = (MetricName: string, Stat: string, VariantName: string, Namespace = 'AWS/SageMaker') => ({
  Id: `q${MetricName}${VariantName}${Stat.replace(/\W/g, '_')}`,
  MetricStat: {
    Metric: {
      ...{ Namespace, MetricName },
      Dimensions: [
        { Name: 'VariantName', Value: VariantName },
        { Name: 'EndpointName', Value: 'churn' },
      ],
    },
    ...{ Period: 60, Stat },
  },
});
interface Result {
  Id: string;
  Timestamps: number[];
  Values: number[];
  StatusCode: string;
}

async function metricData(
  queries: object[],
  since: number,
  more: object = {},
): Promise<Asked & { results: Result[] }> {
  const answer = await ask(
    fake,
    'GetMetricData',
    {
      ...{ MetricDataQueries: queries, StartTime: since / 1000, EndTime: fake.now() / 1000 },
      ...{ ScanBy: 'TimestampAscending', ...more },
    },
    'cloudwatch',
  );
  return { ...answer, results: answer.MetricDataResults as Result[] };
}
const sum = (values: number[] | undefined) => (values ?? []).reduce((total, value) => total + value, 0);
const split = { A: { model: 'champion', weight: 9 }, B: { model: 'challenger', weight: 1 } };

async function start(variants: Parameters<typeof makeConfig>[2] = split, shadows = {}): Promise<number> {
  await makeConfig(fake, 'two', variants, shadows);
  await ask(fake, 'CreateEndpoint', { EndpointName: 'churn', EndpointConfigName: 'two' });
  fake.advance(4 * MINUTE - (fake.now() % MINUTE));
  return fake.now();
}

test('traffic is counted by the minute, by the weights and behaviour of each variant, and appears late', async () => {
  fake.behave('challenger', { errors: 0.2, clientErrors: 0.1, latencyMicros: () => 50_000, gpu: 70 });
  const since = await start();
  fake.simulate({ minutes: 10, requestsPerMinute: 1000 });
  const queries = [
    stat('Invocations', 'Sum', 'A'),
    stat('Invocations', 'Sum', 'B'),
    stat('Invocation5XXErrors', 'Sum', 'B'),
    stat('Invocation4XXErrors', 'Average', 'B'),
    stat('InvocationModelErrors', 'Sum', 'A'),
    stat('ModelLatency', 'p95', 'A'),
    stat('ModelLatency', 'TC(:40000)', 'B'),
    stat('GPUUtilization', 'Average', 'B', '/aws/sagemaker/Endpoints'),
    stat('GPUUtilization', 'Average', 'A', '/aws/sagemaker/Endpoints'),
  ];
  // The last minute is not visible yet.
  expect((await metricData(queries, since)).results[0]?.Timestamps).toHaveLength(9);
  fake.advance(MINUTE);
  const { results } = await metricData(queries, since);
  const [a, b, errors, clientErrors, modelErrors, latency, fast, gpu, none] = results.map(
    ({ Values }) => Values,
  );
  expect(results[0]?.Timestamps[0]).toBe(since / 1000);
  expect(a!.map((value, minute) => value + b![minute]!)).toEqual(Array(10).fill(1000));
  // Five standard deviations of the binomial distribution.
  expect(Math.abs(sum(b) - 1000)).toBeLessThan(5 * 30);
  expect(Math.abs(sum(errors) / sum(b) - 0.2)).toBeLessThan(5 * 0.0127);
  expect(sum(clientErrors) / 10).toBeCloseTo(0.1, 1);
  expect(sum(modelErrors)).toBe(0);
  // 10,000 + 5,000 · ln 20
  expect(sum(latency) / 10).toBeGreaterThan(24_000);
  expect(sum(latency) / 10).toBeLessThan(26_000);
  expect(fast).toEqual(Array(10).fill(0));
  expect(gpu?.every((value) => value === 70)).toBe(true);
  expect(none).toEqual([]);
});

test('without traffic there is no datapoint, and pages together hold each value once', async () => {
  const since = await start();
  fake.advance(3 * MINUTE);
  expect((await metricData([stat('Invocations', 'Sum', 'A')], since)).results).toMatchObject([
    { Values: [], StatusCode: 'Complete' },
  ]);
  fake.simulate({ minutes: 6, requestsPerMinute: 100 });
  fake.advance(2 * MINUTE);
  const queries = [stat('Invocations', 'Sum', 'A'), stat('Invocations', 'Sum', 'B')];
  const whole = await metricData(queries, since);
  const pages: Record<string, number[]> = {};
  let token: unknown;
  let count = 0;
  do {
    const page = await metricData(queries, since, {
      MaxDatapoints: 4,
      ...(token ? { NextToken: token } : {}),
    });
    for (const { Id, Values } of page.results) pages[Id] = [...(pages[Id] ?? []), ...Values];
    token = page.NextToken;
    count++;
  } while (token);
  expect(count).toBeGreaterThan(2);
  expect(pages).toEqual(Object.fromEntries(whole.results.map(({ Id, Values }) => [Id, Values])));
});

test('an invocation is answered by the weights, or by the variant that it names, and counts', async () => {
  fake.behave('challenger', { errors: 1 });
  fake.behave('champion', { answer: (body) => JSON.stringify({ echo: JSON.parse(body) }) });
  const since = await start({ A: { model: 'champion', weight: 1 }, B: { model: 'challenger', weight: 0 } });
  for (let request = 0; request < 5; request++)
    expect(await invoke(fake, 'churn')).toEqual({
      status: 200,
      variant: 'A',
      body: { echo: { inputs: [1] } },
    });
  expect(await invoke(fake, 'churn', { 'x-amzn-sagemaker-target-variant': 'B' })).toMatchObject({
    status: 424,
    body: { OriginalStatusCode: 500, Message: expect.stringMatching(/^Received server error \(500\)/) },
  });
  expect(await invoke(fake, 'churn', { 'x-amzn-sagemaker-target-variant': 'C' })).toMatchObject({
    status: 400,
  });
  expect(await invoke(fake, 'other')).toMatchObject({
    status: 400,
    body: { Message: 'Endpoint other of account 123456789012 not found.' },
  });
  expect(await invoke(fake, 'churn', { 'x-amzn-sagemaker-no-such': '1' })).toMatchObject({ status: 400 });
  fake.advance(2 * MINUTE);
  const { results } = await metricData(
    [stat('Invocations', 'SampleCount', 'A'), stat('InvocationModelErrors', 'Sum', 'B')],
    since,
  );
  expect(results.map(({ Values }) => sum(Values))).toEqual([5, 1]);
});

test('a shadow gets copies by its weight and answers nobody', async () => {
  const since = await start({ A: { model: 'champion', weight: 2 } }, { S: { model: 'shadow', weight: 1 } });
  fake.simulate({ minutes: 4, requestsPerMinute: 500 });
  fake.advance(MINUTE);
  const { results } = await metricData(
    [stat('Invocations', 'Sum', 'A'), stat('Invocations', 'Sum', 'S')],
    since,
  );
  expect(sum(results[0]?.Values)).toBe(2000);
  expect(Math.abs(sum(results[1]?.Values) - 1000)).toBeLessThan(5 * 22.4);
  expect((await invoke(fake, 'churn')).variant).toBe('A');
  expect(await ask(fake, 'DescribeEndpoint', { EndpointName: 'churn' })).toMatchObject({
    ShadowProductionVariants: [{ VariantName: 'S', CurrentWeight: 1 }],
  });
});

test('what CloudWatch would refuse is refused', async () => {
  const since = await start();
  const code = async (queries: object[], more: object = {}) =>
    (await metricData(queries, since, more)).__type;
  const wrong = 'InvalidParameterValueException';
  expect(await code([stat('Invocations', 'Total', 'A')])).toBe(wrong);
  expect(await code([stat('Invocations', 'PR(1%:2%)', 'A')])).toBe(wrong);
  expect(await code([{ Id: 'x', Stat: 'Sum' }])).toBe(wrong);
  expect(await code([stat('Invocations', 'Sum', 'A'), stat('Invocations', 'Sum', 'A')])).toBe(wrong);
  expect(await code([stat('Invocations', 'Sum', 'A')], { NextToken: 'no' })).toBe('InvalidNextToken');
});

test('a variant that is registered for scaling is not taken away', async () => {
  await makeEndpoint(fake);
  const scaling = (operation: string, input: object = {}) =>
    ask(
      fake,
      operation,
      {
        ...{ ServiceNamespace: 'sagemaker', ResourceId: 'endpoint/churn/variant/AllTraffic' },
        ...{ ScalableDimension: 'sagemaker:variant:DesiredInstanceCount', ...input },
      },
      'application-autoscaling',
    );
  expect(await scaling('PutScalingPolicy', { PolicyName: 'p' })).toMatchObject({
    __type: 'ObjectNotFoundException',
  });
  expect(await scaling('RegisterScalableTarget', { MinCapacity: 1, MaxCapacity: 4 })).toHaveProperty(
    'ScalableTargetARN',
  );
  const policy = {
    ...{ PolicyName: 'p', PolicyType: 'TargetTrackingScaling' },
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 70,
      PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
    },
  };
  expect(await scaling('PutScalingPolicy', policy)).toHaveProperty('PolicyARN');
  const asked = { ServiceNamespace: 'sagemaker' };
  expect(await ask(fake, 'DescribeScalingPolicies', asked, 'application-autoscaling')).toMatchObject({
    ScalingPolicies: [policy],
  });
  await makeConfig(fake, 'other', { New: { model: 'challenger' } });
  const update = () => ask(fake, 'UpdateEndpoint', { EndpointName: 'churn', EndpointConfigName: 'other' });
  expect(await update()).toMatchObject({
    message: expect.stringContaining('must be deregistered as scalable targets'),
  });
  await scaling('DeregisterScalableTarget');
  expect(await ask(fake, 'DescribeScalableTargets', asked, 'application-autoscaling')).toEqual({
    ScalableTargets: [],
  });
  expect(await update()).toHaveProperty('EndpointArn');
});

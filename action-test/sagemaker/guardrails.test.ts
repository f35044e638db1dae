/** Deployment guardrails: who has the traffic at each stage, and what an alarm does. */
import { expect, test } from 'vitest';
import { ask, makeConfig, makeEndpoint } from './ask.ts';
import { fakeForEach } from './fake-for-each.ts';

const { fake } = fakeForEach({ trafficPerMinute: 600, metricDelayMs: 0 }, async (present) => {
  await makeEndpoint(present);
  await makeConfig(present, 'next', { AllTraffic: { model: 'challenger', count: 2 } });
});

const describeChurn = () => ask(fake, 'DescribeEndpoint', { EndpointName: 'churn' });
const deploy = (policy: object, alarms: string[] = []) =>
  ask(fake, 'UpdateEndpoint', {
    ...{ EndpointName: 'churn', EndpointConfigName: 'next' },
    DeploymentConfig: {
      ...policy,
      ...(alarms.length > 0
        ? { AutoRollbackConfiguration: { Alarms: alarms.map((AlarmName) => ({ AlarmName })) } }
        : {}),
    },
  });
const blueGreen = (routing: object, more: object = {}) => ({
  BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { WaitIntervalInSeconds: 300, ...routing }, ...more },
});
const percent = (Value: number) => ({ Type: 'CAPACITY_PERCENT', Value });
const nextShare = () =>
  fake
    .serving('churn')
    .filter(({ config }) => config === 'next')
    .reduce((sum, { share }) => sum + share, 0);

/** The share of the new fleet in the middle of each stage of so many seconds. */
async function sharesOver(...stages: number[]): Promise<number[]> {
  return stages.map((seconds) => {
    fake.advance((seconds * 1000) / 2);
    const share = nextShare();
    fake.advance((seconds * 1000) / 2);
    return Number(share.toFixed(6));
  });
}

test.each([
  [
    'canary',
    blueGreen({ Type: 'CANARY', CanarySize: percent(10) }, { TerminationWaitInSeconds: 60 }),
    [180, 300, 300, 60],
    [0, 0.1, 1, 1],
  ],
  [
    'linear',
    blueGreen({ Type: 'LINEAR', LinearStepSize: percent(40) }),
    [180, 300, 300, 300],
    [0, 0.4, 0.8, 1],
  ],
  ['all at once', blueGreen({ Type: 'ALL_AT_ONCE' }), [180, 300], [0, 1]],
  [
    'rolling',
    { RollingUpdatePolicy: { MaximumBatchSize: percent(50), WaitIntervalInSeconds: 120 } },
    [180, 120, 180, 120],
    [0, 0.5, 0.5, 1],
  ],
])('%s: the new fleet has its share of the traffic in each stage', async (_, policy, stages, shares) => {
  await deploy(policy);
  expect(await sharesOver(...stages)).toEqual(shares);
  expect(await describeChurn()).toMatchObject({
    ...{ EndpointStatus: 'InService', EndpointConfigName: 'next' },
    LastDeploymentConfig: policy,
  });
});

const alarm = (more: object = {}) =>
  ask(
    fake,
    'PutMetricAlarm',
    {
      ...{
        AlarmName: 'errors',
        Namespace: 'AWS/SageMaker',
        MetricName: 'Invocation5XXErrors',
        Statistic: 'Average',
      },
      ...{ Period: 60, EvaluationPeriods: 2, Threshold: 0.05, ComparisonOperator: 'GreaterThanThreshold' },
      Dimensions: [
        { Name: 'EndpointName', Value: 'churn' },
        { Name: 'VariantName', Value: 'AllTraffic' },
      ],
      ...more,
    },
    'cloudwatch',
  );
const alarmState = async () => {
  const { MetricAlarms } = await ask(fake, 'DescribeAlarms', { AlarmNames: ['errors'] }, 'cloudwatch');
  return (MetricAlarms as { StateValue: string }[])[0]?.StateValue;
};

test('an alarm rolls the deployment back while it bakes, and the old fleet has all the traffic at once', async () => {
  fake.behave('challenger', { errors: 0.9 });
  await alarm();
  expect(await alarmState()).toBe('INSUFFICIENT_DATA');
  fake.advance(180_000);
  expect(await alarmState()).toBe('OK');
  await deploy(blueGreen({ Type: 'CANARY', CanarySize: percent(20) }), ['errors']);
  fake.advance(180_000);
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'Updating',
    PendingDeploymentSummary: { ProductionVariants: [{ VariantStatus: [{ Status: 'Baking' }] }] },
  });
  expect(nextShare()).toBe(0.2);
  for (let half = 0; half < 6 && (await alarmState()) !== 'ALARM'; half++) fake.advance(30_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'RollingBack', EndpointConfigName: 'one' });
  expect(nextShare()).toBe(0);
  fake.advance(60_000);
  expect(await describeChurn()).toMatchObject({
    ...{ EndpointStatus: 'InService', EndpointConfigName: 'one' },
    FailureReason: 'One or more alarms are in alarm state: errors',
  });
  fake.advance(180_000);
  expect(await alarmState()).toBe('OK');
});

test('a healthy challenger is not stopped by the alarm; an alarm that is not there is refused', async () => {
  expect(await deploy(blueGreen({ Type: 'ALL_AT_ONCE' }), ['errors'])).toMatchObject({
    message: 'Could not find alarm "errors".',
  });
  await alarm();
  await deploy(blueGreen({ Type: 'LINEAR', LinearStepSize: percent(50) }), ['errors']);
  fake.advance(1_000_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'next' });
});

test('a deployment that takes longer than its maximum is rolled back', async () => {
  await deploy(
    blueGreen(
      { Type: 'LINEAR', LinearStepSize: percent(10), WaitIntervalInSeconds: 3600 },
      { MaximumExecutionTimeoutInSeconds: 7200 },
    ),
  );
  fake.advance(7_100_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'Updating' });
  fake.advance(200_000);
  expect(await describeChurn()).toMatchObject({
    ...{ EndpointStatus: 'InService', EndpointConfigName: 'one' },
    FailureReason: expect.stringContaining('maximum execution time'),
  });
});

test('the limits of guardrails, and the silence about Inf1', async () => {
  const refused = async (policy: object) => ((await deploy(policy)) as { message?: string }).message;
  expect(await refused(blueGreen({ Type: 'CANARY', CanarySize: percent(60) }))).toMatch(
    /CanarySize must be 1 to 50/,
  );
  expect(await refused(blueGreen({ Type: 'LINEAR', LinearStepSize: percent(5) }))).toMatch(
    /must be 10 to 50/,
  );
  expect(await refused(blueGreen({ Type: 'CANARY' }))).toMatch(/CanarySize is required/);
  expect(await refused(blueGreen({ Type: 'CANARY', WaitIntervalInSeconds: 3601 }))).toMatch(
    /is 3601, not 0 to 3600/,
  );
  const rolling = { RollingUpdatePolicy: { MaximumBatchSize: percent(50), WaitIntervalInSeconds: 1 } };
  await makeConfig(fake, 'two', { A: { model: 'champion' }, B: { model: 'challenger' } });
  expect(
    await ask(fake, 'UpdateEndpoint', {
      EndpointName: 'churn',
      EndpointConfigName: 'two',
      DeploymentConfig: rolling,
    }),
  ).toMatchObject({ message: expect.stringMatching(/needs one production variant/) });
  await makeConfig(fake, 'inf', { AllTraffic: { model: 'champion', type: 'ml.inf1.xlarge' } });
  const canary = blueGreen({ Type: 'CANARY', CanarySize: percent(10) });
  await ask(fake, 'UpdateEndpoint', {
    EndpointName: 'churn',
    EndpointConfigName: 'inf',
    DeploymentConfig: canary,
  });
  fake.advance(200_000);
  expect(fake.serving('churn')).toMatchObject([{ config: 'inf', share: 1 }]);
});

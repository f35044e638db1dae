/** The SDK's own clients against the fake: what they throw, and what they make of its answers. */
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeEndpointCommand,
  ListEndpointsCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  waitUntilEndpointInService,
} from '@aws-sdk/client-sagemaker';
import { beforeEach, expect, test } from 'vitest';
import type { AwsFault, CallFault } from '../../shared/testing/aws/aws-fault.ts';
import { makeConfig, makeEndpoint } from './ask.ts';
import { documentedFaults } from './documented-faults.ts';
import { fakeForEach } from './fake-for-each.ts';
import { modelOf, SERVICES } from './protocols.ts';

let fault: CallFault = 'none';
beforeEach(() => {
  fault = 'none';
});
const { fake } = fakeForEach({ fault: () => fault, metricDelayMs: 0 });

const settings = () => ({
  endpoint: fake.url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' },
  maxAttempts: 1,
});

test('every documented error of an operation reaches a client by its name', async () => {
  const sagemaker = new SageMakerClient(settings());
  const cloudwatch = new CloudWatchClient(settings());
  const thrown = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: Error) => error,
    );
  const endpoint = { EndpointName: 'churn', EndpointConfigName: 'one' };
  const query = { MetricDataQueries: [], StartTime: new Date(0), EndTime: new Date(1) };
  const ask: [AwsFault[], () => Promise<unknown>][] = [
    [
      documentedFaults('sagemaker', 'UpdateEndpoint'),
      () => sagemaker.send(new UpdateEndpointCommand(endpoint)),
    ],
    [documentedFaults('cloudwatch', 'GetMetricData'), () => cloudwatch.send(new GetMetricDataCommand(query))],
  ];
  for (const [faults, call] of ask) {
    expect(faults.length).toBeGreaterThan(7);
    for (const next of faults) {
      fault = next;
      const error = await thrown(call());
      expect(error).toMatchObject({ name: next.code, $metadata: { httpStatusCode: next.status } });
      expect((error as Error).message).toBe(next.message);
    }
  }
  // Whatever the models name can be said.
  const all = SERVICES.flatMap((service) =>
    Object.keys(modelOf(service).operations).flatMap((operation) => documentedFaults(service, operation)),
  );
  expect(all.length).toBeGreaterThan(250);
});

test("the SDK's waiter takes a silent roll-back for success, and ends at Failed", async () => {
  const client = new SageMakerClient(settings());
  const wait = (EndpointName: string) =>
    waitUntilEndpointInService(
      { client, maxWaitTime: 60, minDelay: 0.001, maxDelay: 0.001 },
      { EndpointName },
    );
  await makeEndpoint(fake);
  await makeConfig(fake, 'two', { AllTraffic: { model: 'challenger' } });
  fake.fate('churn', 'rolls-back-silently');
  await client.send(new UpdateEndpointCommand({ EndpointName: 'churn', EndpointConfigName: 'two' }));
  fake.advance(170_000);
  expect(await wait('churn')).toMatchObject({ state: 'SUCCESS' });
  const described = await client.send(new DescribeEndpointCommand({ EndpointName: 'churn' }));
  expect(described).toMatchObject({ EndpointConfigName: 'one', EndpointStatus: 'InService' });
  expect(described.FailureReason).toBeUndefined();
  expect(described.CreationTime).toEqual(new Date('2026-01-01T00:00:03Z'));
  fake.fate('churn', 'fails');
  await client.send(new UpdateEndpointCommand({ EndpointName: 'churn', EndpointConfigName: 'two' }));
  fake.advance(170_000);
  await expect(wait('churn')).rejects.toThrow(/FAILURE/);
  const { Endpoints } = await client.send(new ListEndpointsCommand({ StatusEquals: 'Failed' }));
  expect(Endpoints?.map(({ EndpointName }) => EndpointName)).toEqual(['churn']);
});

test('a call that takes effect and never answers ends by the abort of the client', async () => {
  const client = new SageMakerClient(settings());
  await makeEndpoint(fake);
  await makeConfig(fake, 'two', { AllTraffic: { model: 'challenger' } });
  fault = 'hang-after';
  const stop = new AbortController();
  const command = new UpdateEndpointCommand({ EndpointName: 'churn', EndpointConfigName: 'two' });
  const hung = client.send(command, { abortSignal: stop.signal }).catch((error: Error) => error.name);
  await expect.poll(() => fake.state.endpoints.get('churn')?.status).toBe('Updating');
  stop.abort();
  expect(await hung).toBe('AbortError');
});

test('CloudWatch answers in dates and numbers', async () => {
  const client = new CloudWatchClient(settings());
  await makeEndpoint(fake);
  fake.simulate({ minutes: 3, requestsPerMinute: 60 });
  const Dimensions = [
    { Name: 'EndpointName', Value: 'churn' },
    { Name: 'VariantName', Value: 'AllTraffic' },
  ];
  const Metric = { Namespace: 'AWS/SageMaker', MetricName: 'Invocations', Dimensions };
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries: [{ Id: 'a', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }],
      ...{ StartTime: new Date('2026-01-01T00:04:00Z'), EndTime: new Date('2026-01-01T00:06:00Z') },
    }),
  );
  expect(MetricDataResults).toEqual([
    {
      ...{ Id: 'a', Label: 'Invocations', StatusCode: 'Complete' },
      Timestamps: [new Date('2026-01-01T00:05:00Z'), new Date('2026-01-01T00:04:00Z')],
      Values: [60, 60],
    },
  ]);
  expect((await client.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
});

import { expect, test } from 'vitest';
import { ask, churnOf, makeConfig, makeEndpoint } from './ask.ts';
import { fakeForEach } from './fake-for-each.ts';
import type { UpdateFate } from './model-behaviour.ts';

const { fake } = fakeForEach();

const describeChurn = () => churnOf(fake).describe();
const update = (config: string, more: object = {}) => churnOf(fake).update(config, more);
const weigh = (weights: Record<string, number>) => churnOf(fake).weigh(weights);
const two = { AllTraffic: { model: 'champion', weight: 1 }, Canary: { model: 'challenger', weight: 0 } };

test('an endpoint is created, updated, weighed and deleted, and each takes its time', async () => {
  await makeConfig(fake, 'one', { AllTraffic: { model: 'champion' } });
  expect(await ask(fake, 'CreateEndpoint', { EndpointName: 'churn', EndpointConfigName: 'one' })).toEqual({
    EndpointArn: 'arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn',
  });
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'Creating', EndpointConfigName: 'one' });
  expect(fake.serving('churn')).toEqual([]);
  fake.advance(180_000);
  // A weight that was left out is 1.
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'InService',
    ProductionVariants: [
      {
        VariantName: 'AllTraffic',
        CurrentWeight: 1,
        DesiredWeight: 1,
        CurrentInstanceCount: 1,
        DesiredInstanceCount: 1,
      },
    ],
  });

  await makeConfig(fake, 'two', two);
  await update('two');
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'Updating',
    EndpointConfigName: 'one',
    PendingDeploymentSummary: {
      EndpointConfigName: 'two',
      ProductionVariants: [
        { VariantName: 'AllTraffic', CurrentInstanceCount: 0, VariantStatus: [{ Status: 'Creating' }] },
        { VariantName: 'Canary', CurrentWeight: 0 },
      ],
    },
  });
  expect(fake.serving('churn')).toMatchObject([{ config: 'one', share: 1 }]);
  expect(await update('one')).toMatchObject({
    __type: 'ValidationException',
    message:
      'Cannot update in-progress endpoint "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn".',
  });
  fake.advance(180_000);
  const updated = await describeChurn();
  expect(updated).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
  expect(updated).not.toHaveProperty('PendingDeploymentSummary');
  expect(fake.serving('churn')).toMatchObject([{ config: 'two', variant: 'AllTraffic', share: 1 }]);

  await weigh({ AllTraffic: 9, Canary: 1 });
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'Updating',
    ProductionVariants: [
      { CurrentWeight: 1, DesiredWeight: 9 },
      { CurrentWeight: 0, DesiredWeight: 1, VariantStatus: [{ Status: 'Updating' }] },
    ],
  });
  fake.advance(30_000);
  expect(await describeChurn()).toMatchObject({
    ProductionVariants: [{ CurrentWeight: 9 }, { CurrentWeight: 1, DesiredInstanceCount: 1 }],
  });
  expect(fake.serving('churn').map(({ share }) => share)).toEqual([0.9, 0.1]);
  expect(fake.hazards).toEqual([]);

  expect(await ask(fake, 'DeleteEndpoint', { EndpointName: 'churn' })).toEqual({});
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'Deleting' });
  fake.advance(30_000);
  expect(await describeChurn()).toMatchObject({
    message: 'Could not find endpoint "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/churn".',
  });
  expect(fake.hazards).toEqual(['churn was deleted while it served.']);
});

test.each<[UpdateFate, string, string | undefined]>([
  ['rolls-back-silently', 'InService', undefined],
  ['rolls-back', 'InService', 'The deployment failed and was rolled back.'],
  ['rollback-fails', 'UpdateRollbackFailed', 'The deployment failed, and so did its roll-back.'],
])('an update that %s leaves the old configuration', async (fate, status, reason) => {
  await makeEndpoint(fake);
  await makeConfig(fake, 'two', two);
  fake.fate('churn', fate);
  await update('two');
  fake.advance(180_000);
  if (status === 'InService') {
    expect(await describeChurn()).toMatchObject({ EndpointStatus: 'RollingBack' });
    expect(await weigh({ AllTraffic: 1 })).toMatchObject({ __type: 'ValidationException' });
    fake.advance(60_000);
  }
  const described = await describeChurn();
  expect(described).toMatchObject({ EndpointStatus: status, EndpointConfigName: 'one' });
  expect(described.FailureReason).toBe(reason);
  const shares = fake.serving('churn').map(({ config, share }) => [config, share]);
  // After UpdateRollbackFailed old and new instances serve together.
  if (status !== 'InService')
    expect(shares).toEqual([
      ['one', 0.5],
      ['two', 0.5],
    ]);
  else expect(shares).toEqual([['one', 1]]);
});

test('weights that fail are as before, and a Failed endpoint can only be deleted', async () => {
  await makeConfig(fake, 'two', two);
  await ask(fake, 'CreateEndpoint', { EndpointName: 'churn', EndpointConfigName: 'two' });
  fake.advance(180_000);
  fake.fate('churn', 'rolls-back');
  await weigh({ AllTraffic: 0, Canary: 1 });
  fake.advance(90_000);
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'InService',
    ProductionVariants: [
      { CurrentWeight: 1, DesiredWeight: 1 },
      { CurrentWeight: 0, DesiredWeight: 0 },
    ],
  });
  fake.fate('churn', 'fails');
  await weigh({ Canary: 1 });
  fake.advance(30_000);
  expect(await describeChurn()).toMatchObject({
    EndpointStatus: 'Failed',
    FailureReason: expect.any(String),
  });
  expect(await update('two')).toMatchObject({ message: expect.stringContaining('can only be deleted') });
  expect(await ask(fake, 'DeleteEndpoint', { EndpointName: 'churn' })).toEqual({});
});

test('an update that hangs goes on when the test says how, and a system update allows no change', async () => {
  await makeEndpoint(fake);
  await makeConfig(fake, 'two', two);
  fake.fate('churn', 'hangs');
  await update('two');
  fake.advance(3_600_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'Updating' });
  fake.fate('churn', 'succeeds');
  fake.advance(180_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
  fake.systemUpdate('churn', 60_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'SystemUpdating' });
  expect(await weigh({ Canary: 1 })).toMatchObject({ message: expect.stringContaining('in-progress') });
  fake.advance(60_000);
  expect(await describeChurn()).toMatchObject({ EndpointStatus: 'InService' });
});

test('an update resets weights and counts, unless it retains them', async () => {
  await makeEndpoint(fake);
  await makeConfig(fake, 'two', two);
  await weigh({ AllTraffic: 5 });
  fake.advance(30_000);
  const after = async (more: object) => {
    await update('two', more);
    fake.advance(180_000);
    const { ProductionVariants } = await describeChurn();
    const [first] = ProductionVariants as { CurrentWeight: number; CurrentInstanceCount: number }[];
    return [first?.CurrentWeight, first?.CurrentInstanceCount];
  };
  const retained = { RetainAllVariantProperties: true };
  expect(await after(retained)).toEqual([5, 2]);
  const ExcludeRetainedVariantProperties = [{ VariantPropertyType: 'DesiredWeight' }];
  expect(await after({ ...retained, ExcludeRetainedVariantProperties })).toEqual([1, 2]);
  expect(await after({})).toEqual([1, 1]);
});

import { expect, test } from 'vitest';
import { churnOf, makeConfig, makeEndpoint } from './ask.ts';
import { fakeForEach } from './fake-for-each.ts';

const { fake } = fakeForEach();

test('going back brings back what the services hold, the time and the traffic', async () => {
  await makeEndpoint(fake);
  const goBack = fake.snapshot();
  const [before, at] = [await churnOf(fake).describe(), fake.now()];
  goBack();
  await makeConfig(fake, 'two', { AllTraffic: { model: 'challenger' } });
  await churnOf(fake).update('two');
  fake.setTraffic(60);
  fake.advance(3_600_000);
  expect(await churnOf(fake).describe()).not.toEqual(before);
  goBack();
  expect(await churnOf(fake).describe()).toEqual(before);
  goBack();
  expect(fake.now()).toBeLessThan(at);
});

test('the fingerprint is the same after going back, and another after whatever changes what comes next', async () => {
  await makeEndpoint(fake);
  const goBack = fake.snapshot();
  goBack();
  const kept = fake.fingerprint();
  const changes: Record<string, () => unknown> = {
    'a request, which takes its time': () => churnOf(fake).describe(),
    'traffic that will flow': () => fake.setTraffic(60),
    'a millisecond': () => fake.advance(1),
    'what becomes of the next update': () => fake.fate('churn', 'rolls-back'),
    'an object': () => void fake.s3.objects.set('models/left', {} as never),
    'a hazard': () => fake.hazards.push('nobody serves'),
  };
  for (const [name, change] of Object.entries(changes)) {
    await change();
    expect(fake.fingerprint(), name).not.toBe(kept);
    goBack();
    expect(fake.fingerprint(), name).toBe(kept);
  }
});

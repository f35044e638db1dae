import { expect, test } from 'vitest';
import { machineLimits } from './limits.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const GIB = 2 ** 30;
const usual = { registrationTimeout: 10 * MINUTE, idleTimeout: 15 * MINUTE, maxLifetime: 360 * MINUTE };

test('what is possible is passed on, a disk in whole GiB', () => {
  expect(machineLimits({ ...usual, machineVolumeSize: 100e9 })).toEqual({
    ...{ registrationMs: 600_000, idleMs: 900_000, lifetimeMs: 21_600_000, volumeGiB: 94 },
  });
  expect(machineLimits(usual).volumeGiB).toBeUndefined();
  const widest = { registrationTimeout: MINUTE, idleTimeout: DAY, maxLifetime: 6 * DAY };
  expect(machineLimits({ ...widest, machineVolumeSize: 64 * 1024 * GIB }).volumeGiB).toBe(65_536);
});

test.each([
  ['registration-timeout', { registrationTimeout: MINUTE - 1 }],
  ['registration-timeout', { registrationTimeout: 61 * MINUTE }],
  ['idle-timeout', { idleTimeout: 0 }],
  ['idle-timeout', { idleTimeout: DAY + 1 }],
  ['max-lifetime', { maxLifetime: 1 }],
  ['max-lifetime', { maxLifetime: 7 * DAY }],
  ['machine-volume-size', { machineVolumeSize: GIB - 1 }],
  ['machine-volume-size', { machineVolumeSize: 65 * 1024 * GIB }],
])('%s out of its range is refused by its name', (key, change) => {
  const asked = () => machineLimits({ ...usual, ...change });
  expect(asked).toThrow(`is not a possible ${key}.`);
  expect(asked).toThrow(
    expect.objectContaining({ where: { key }, fix: expect.stringMatching(/^Give .+ to .+\.$/) }),
  );
});

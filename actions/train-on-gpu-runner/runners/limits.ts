/** How long a machine may wait, and how large its disk is: held to what makes sense before anything is launched. */
import { UserError } from '../../../shared/errors.ts';
import { formatDuration } from '../../../shared/report/numbers.ts';
import { inputName } from '../../../shared/runtime/inputs.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GIB = 2 ** 30;
/** Days that GitHub gives a job of a runner that it does not host. */
const LONGEST_JOB = 5 * 24 * HOUR;

const LIMITS = {
  registrationTimeout: { least: MINUTE, most: HOUR, show: durationOf },
  // GitHub itself gives up a job that has waited for a day.
  idleTimeout: { least: MINUTE, most: 24 * HOUR, show: durationOf },
  maxLifetime: { least: MINUTE, most: LONGEST_JOB + 25 * HOUR, show: durationOf },
  /** EBS has no larger volume. */
  machineVolumeSize: { least: GIB, most: 64 * 1024 * GIB, show: sizeOf },
};

export interface MachineLimits {
  registrationMs: number;
  idleMs: number;
  lifetimeMs: number;
  /** Whole GiB; undefined: as the image has it. */
  volumeGiB: number | undefined;
}

/** @param given the inputs, in milliseconds and bytes. @throws UserError for one that is too small or too large. */
export function machineLimits(given: {
  registrationTimeout: number;
  idleTimeout: number;
  maxLifetime: number;
  machineVolumeSize?: number | undefined;
}): MachineLimits {
  for (const key of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    const { least, most, show } = LIMITS[key];
    const value = given[key];
    if (value === undefined || (value >= least && value <= most)) continue;
    throw new UserError(`${show(value)} is not a possible ${inputName(key)}.`, {
      where: { key: inputName(key) },
      fix: `Give ${show(least)} to ${show(most)}.`,
    });
  }
  const { machineVolumeSize: bytes } = given;
  return {
    ...{
      registrationMs: given.registrationTimeout,
      idleMs: given.idleTimeout,
      lifetimeMs: given.maxLifetime,
    },
    volumeGiB: bytes === undefined ? undefined : Math.ceil(bytes / GIB),
  };
}

function sizeOf(bytes: number): string {
  return `${Math.round((100 * bytes) / GIB) / 100}GiB`;
}

function durationOf(milliseconds: number): string {
  return formatDuration(milliseconds / 1000);
}

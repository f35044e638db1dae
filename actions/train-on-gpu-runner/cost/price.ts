/**
 * `cost/` says what a training costs: before it starts, while it runs, and when it has ended. This file holds what the
 * others share: the price of a machine, and what a time of it costs.
 */

/** A machine that somebody pays for. */
export interface Machine {
  /** `g5.xlarge`, `ml.g5.xlarge`, or a name of the user's own. */
  type: string;
  market: 'on-demand' | 'spot';
  /** Of AWS; undefined where it is not known, as of a machine of one's own. */
  region: string | undefined;
  /** `us-east-1b`: the price of spot is that of one zone. */
  zone: string | undefined;
}

export interface Price {
  usdPerHour: number;
  /** Of the same machine on demand; null where it is not known. */
  onDemandUsdPerHour: number | null;
  /** Where it is from, with its date: fits after "by". */
  source: string;
}

/** A price, or why there is none and what would give one: both are sentences. */
export type PriceAnswer = { price: Price } | { problem: string; fix: string };

export function regionUnknown(type: string): PriceAnswer {
  return {
    problem: `The region of ${type} is not known, and prices differ by region.`,
    fix: 'Set AWS_REGION.',
  };
}

/** EC2 and SageMaker count each second; an EC2 instance costs at least its first minute. */
export const EC2_MINIMUM_SECONDS = 60;

/**
 * US dollars for some time on some machines of one price, counted by the second.
 * @param minimumSeconds what is paid even for less.
 */
export function amountUsd(usdPerHour: number, count: number, seconds: number, minimumSeconds = 0): number {
  return (usdPerHour * count * Math.max(seconds, minimumSeconds)) / 3600;
}

/** Seconds after which so much has been spent; infinite where nothing is asked. */
export function secondsFor(usd: number, usdPerHour: number, count: number): number {
  const perHour = usdPerHour * count;
  return perHour === 0 ? Number.POSITIVE_INFINITY : (usd * 3600) / perHour;
}

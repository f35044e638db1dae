import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ArmCount,
  addLook,
  addLookAndStart,
  BELOW_CEILING_ODDS,
  FACTOR_CAP,
  logEValue,
  logLimit,
  logSumExp,
  PROMOTION_DIVISORS,
  ROLLBACK_RATIOS,
  rateLogFactors,
  ratioLogFactors,
  startEProcess,
} from './e-process.ts';
import { randomGenerator } from './random.ts';

interface TwoArms {
  challenger: ArmCount;
  champion: ArmCount;
}

/** The formula as it is written, on plain numbers: no logarithms, no running state. */
function directEValue(
  looks: TwoArms[],
  nullRatio: number,
  ratios: readonly number[],
  starts: number[],
  planned: number,
) {
  const factor = ({ challenger, champion }: TwoArms, ratio: number) => {
    const theta = (r: number) => (r * challenger.requests) / (r * challenger.requests + champion.requests);
    if (challenger.requests === 0 || champion.requests === 0) return 1;
    const value =
      (theta(ratio) / theta(nullRatio)) ** challenger.events *
      ((1 - theta(ratio)) / (1 - theta(nullRatio))) ** champion.events;
    return Math.min(value, 4);
  };
  let sum = 0;
  for (let start = 0; start <= planned; start += 1) {
    const share = planned === 0 ? 1 : start === 0 ? 0.5 : 0.5 / planned;
    const first = start === 0 ? 0 : starts[start - 1];
    if (first === undefined) {
      sum += share;
      continue;
    }
    const products = ratios.map((ratio) =>
      looks.slice(first).reduce((all, look) => all * factor(look, ratio), 1),
    );
    sum += (share * products.reduce((a, b) => a + b, 0)) / ratios.length;
  }
  return sum;
}

const armArbitrary = fc.integer({ min: 0, max: 60 }).chain((requests) =>
  fc.record({
    events: fc.integer({ min: 0, max: Math.min(requests, 6) }),
    requests: fc.constant(requests),
  }),
);
const looksArbitrary = fc.array(fc.record({ challenger: armArbitrary, champion: armArbitrary }), {
  minLength: 1,
  maxLength: 12,
});

function binomial(random: () => number, requests: number, rate: number): ArmCount {
  let events = 0;
  for (let index = 0; index < requests; index += 1) if (random() < rate) events += 1;
  return { events, requests };
}

/** One simulated rollout: the look at which the evidence reached the limit, or undefined. */
function firstCrossing(o: {
  random: () => number;
  looks: number;
  requests: [number, number];
  rates: (look: number) => [number, number];
  limit: number;
  restartsAt?: number[];
}): number | undefined {
  let process = startEProcess(ROLLBACK_RATIOS.length, o.restartsAt?.length ?? 0);
  for (let look = 0; look < o.looks; look += 1) {
    const [bad, good] = o.rates(look);
    const challenger = binomial(o.random, o.requests[0], bad);
    const champion = binomial(o.random, o.requests[1], good);
    const factors = ratioLogFactors(challenger, champion, 1, ROLLBACK_RATIOS);
    process = addLook(process, factors, o.restartsAt?.includes(look));
    if (logEValue(process) >= o.limit) return look + 1;
  }
  return undefined;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe('the ratio of two arms', () => {
  test('equals the formula computed directly, with and without restarts', () => {
    fc.assert(
      fc.property(
        looksArbitrary,
        fc.constantFrom(1, 2),
        fc.integer({ min: 0, max: 3 }),
        (looks, nullRatio, planned) => {
          const ratios =
            nullRatio === 1 ? ROLLBACK_RATIOS : PROMOTION_DIVISORS.map((divisor) => nullRatio / divisor);
          const starts = [2, 5, 9].slice(0, planned).filter((start) => start < looks.length);
          let process = startEProcess(ratios.length, planned);
          looks.forEach((look, index) => {
            const factors = ratioLogFactors(look.challenger, look.champion, nullRatio, ratios);
            process = addLook(process, factors, starts.includes(index));
          });
          const direct = directEValue(looks, nullRatio, ratios, starts, planned);
          expect(Math.abs(logEValue(process) - Math.log(direct))).toBeLessThan(1e-9);
        },
      ),
    );
  });

  test('equals the sum over all starts where one begins with each look', () => {
    fc.assert(
      fc.property(looksArbitrary, fc.integer({ min: 1, max: 12 }), (looks, planned) => {
        const starts = Array.from({ length: Math.min(planned, looks.length) }, (_, index) => index);
        let process = startEProcess(ROLLBACK_RATIOS.length, planned);
        for (const { challenger, champion } of looks)
          process = addLookAndStart(process, ratioLogFactors(challenger, champion, 1, ROLLBACK_RATIOS));
        const direct = directEValue(looks, 1, [...ROLLBACK_RATIOS], starts, planned);
        expect(Math.abs(logEValue(process) - Math.log(direct))).toBeLessThan(1e-9);
      }),
    );
  });

  test.each([
    { rates: [0.03, 0.03] as const, nullRatio: 1, ratios: [...ROLLBACK_RATIOS] },
    { rates: [0.01, 0.03] as const, nullRatio: 1, ratios: [...ROLLBACK_RATIOS] },
    { rates: [0.06, 0.03] as const, nullRatio: 2, ratios: PROMOTION_DIVISORS.map((divisor) => 2 / divisor) },
  ])(
    'has an expectation of at most 1 under the null: $rates against $nullRatio',
    ({ rates, nullRatio, ratios }) => {
      const random = randomGenerator(7);
      let sum = 0;
      const runs = 4_000;
      for (let run = 0; run < runs; run += 1) {
        let process = startEProcess(ratios.length, 1);
        for (let look = 0; look < 3; look += 1) {
          const weightedRequests = look < 2 ? ([10, 40] as const) : ([25, 25] as const);
          const challenger = binomial(random, weightedRequests[0], rates[0]);
          const champion = binomial(random, weightedRequests[1], rates[1]);
          process = addLook(process, ratioLogFactors(challenger, champion, nullRatio, ratios), look === 2);
        }
        sum += Math.exp(logEValue(process));
      }
      // Three standard errors of these bounded products are below 0.05.
      expect(sum / runs).toBeLessThanOrEqual(1.05);
      expect(sum / runs).toBeGreaterThan(0.2);
    },
  );

  test('rolls back an equal challenger in at most α of 400 rollouts of 60 looks', () => {
    const random = randomGenerator(11);
    let rolledBack = 0;
    for (let run = 0; run < 400; run += 1) {
      const found = firstCrossing({
        random,
        looks: 60,
        requests: [20, 180],
        rates: () => [0.005, 0.005],
        limit: logLimit(0.05),
        restartsAt: [30],
      });
      if (found) rolledBack += 1;
    }
    expect(rolledBack / 400).toBeLessThanOrEqual(0.05);
  });

  test('finds 0.5 % against 5 % at 200 requests a minute and 10 % weight in a median of at most 8 looks', () => {
    const random = randomGenerator(13);
    const found = Array.from({ length: 200 }, () =>
      firstCrossing({
        random,
        looks: 60,
        requests: [20, 180],
        rates: () => [0.05, 0.005],
        limit: logLimit(0.05),
        restartsAt: [30],
      }),
    );
    expect(median(found.map((look) => look ?? 999))).toBeLessThanOrEqual(8);
  });

  test('a restart finds a fault that begins with it sooner than no restart does', () => {
    const scenario = (seed: number, restartsAt: number[]) =>
      firstCrossing({
        random: randomGenerator(seed),
        looks: 60,
        requests: [100, 100],
        rates: (look) => (look < 30 ? [0.01, 0.02] : [0.08, 0.02]),
        limit: logLimit(0.05),
        restartsAt,
      }) ?? 60;
    const seeds = Array.from({ length: 100 }, (_, index) => index + 1);
    const withRestart = median(seeds.map((seed) => scenario(seed, [30])));
    const without = median(seeds.map((seed) => scenario(seed, [])));
    expect(withRestart).toBeLessThanOrEqual(39);
    expect(withRestart).toBeLessThan(without);
  });

  test('one look never contributes more than the cap', () => {
    const burst = ratioLogFactors(
      { events: 500, requests: 500 },
      { events: 0, requests: 500 },
      1,
      ROLLBACK_RATIOS,
    );
    expect(Math.max(...burst)).toBe(Math.log(FACTOR_CAP));
    const process = addLook(startEProcess(ROLLBACK_RATIOS.length, 1), burst);
    expect(logEValue(process)).toBeLessThan(logLimit(0.05));
  });

  test('a look without requests in one arm says nothing', () => {
    const factors = ratioLogFactors(
      { events: 0, requests: 0 },
      { events: 3, requests: 9 },
      1,
      ROLLBACK_RATIOS,
    );
    expect(factors.every((factor) => factor === 0)).toBe(true);
  });
});

describe('restarts', () => {
  test('share ½, and a start not reached counts 1', () => {
    const fresh = startEProcess(2, 3);
    expect(fresh).toEqual({
      starts: [{ share: 0.5, logProducts: [0, 0] }],
      reserved: 0.5,
      laterShare: 0.5 / 3,
    });
    expect(logEValue(fresh)).toBeCloseTo(0, 12);
    const ruined = addLook(fresh, [-1000, -1000]);
    expect(Math.exp(logEValue(ruined))).toBeCloseTo(0.5, 12);
  });

  test('beyond the planned ones are ignored', () => {
    let process = startEProcess(1, 3);
    for (let look = 0; look < 8; look += 1) process = addLook(process, [0], true);
    expect(process.starts).toHaveLength(4);
    expect(process.reserved).toBeCloseTo(0, 12);
    expect(logEValue(process)).toBeCloseTo(0, 12);
  });
});

describe('one arm against a rate', () => {
  test('is the binomial likelihood ratio of the shifted odds', () => {
    const [factor] = rateLogFactors({ events: 2, requests: 30 }, 0.02, [3]);
    const shifted = (3 * 0.02) / (1 - 0.02 + 3 * 0.02);
    const direct = 2 * Math.log(shifted / 0.02) + 28 * Math.log((1 - shifted) / 0.98);
    expect(factor).toBeCloseTo(direct, 12);
  });

  test('has an expectation of at most 1 at the rate itself, exactly', () => {
    const requests = 25;
    const rate = 0.04;
    const binomialWeights = Array.from({ length: requests + 1 }, (_, events) => {
      let weight = (1 - rate) ** (requests - events) * rate ** events;
      for (let k = 0; k < events; k += 1) weight *= (requests - k) / (k + 1);
      return weight;
    });
    for (const [index] of ROLLBACK_RATIOS.entries()) {
      const expectation = binomialWeights.reduce(
        (sum, weight, events) =>
          sum + weight * Math.exp(rateLogFactors({ events, requests }, rate, ROLLBACK_RATIOS)[index]!),
        0,
      );
      expect(expectation).toBeLessThanOrEqual(1 + 1e-12);
    }
  });
});

test('impossible counts and levels are refused', () => {
  expect(() => rateLogFactors({ events: 3, requests: 2 }, 0.1, [2])).toThrow(RangeError);
  expect(() => rateLogFactors({ events: 0, requests: 2 }, 0, [2])).toThrow(RangeError);
  expect(() => addLook(startEProcess(2), [0])).toThrow(RangeError);
  expect(() => startEProcess(0)).toThrow(RangeError);
  expect(() => logLimit(0)).toThrow(RangeError);
});

test('logSumExp neither overflows nor underflows', () => {
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.log(2), 9);
  expect(logSumExp([-1000, -1001])).toBeCloseTo(-1000 + Math.log(1 + Math.exp(-1)), 9);
  expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
});

test('an arm alone: below the ceiling is shown, and at the ceiling the expectation is 1, exactly', () => {
  // So few that no factor reaches the cap.
  const [requests, rate] = [12, 0.06];
  for (const index of BELOW_CEILING_ODDS.keys()) {
    let chance = (1 - rate) ** requests;
    let expectation = 0;
    for (let events = 0; events <= requests; events += 1) {
      expectation +=
        chance * Math.exp(rateLogFactors({ events, requests }, rate, BELOW_CEILING_ODDS)[index]!);
      chance *= ((requests - events) / (events + 1)) * (rate / (1 - rate));
    }
    expect(expectation).toBeCloseTo(1, 12);
  }
  let process = startEProcess(BELOW_CEILING_ODDS.length);
  for (let look = 0; look < 10; look += 1)
    process = addLook(process, rateLogFactors({ events: 0, requests: 50 }, rate, BELOW_CEILING_ODDS));
  expect(logEValue(process)).toBeGreaterThan(logLimit(0.05));
});

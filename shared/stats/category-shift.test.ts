import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialDraw } from '../testing/binomial-draw.ts';
import { categoryLogFactors, SHIFT_POWERS, totalVariation } from './category-shift.ts';
import { addLook, FACTOR_CAP, logEValue, logLimit, startEProcess } from './e-process.ts';
import { randomGenerator } from './random.ts';

const counts = (categories: number, most: number) =>
  fc.array(fc.integer({ min: 0, max: most }), { minLength: categories, maxLength: categories });

/** All ways in which `totals` answers fall to the arms, with their chances: each is the challenger's with chance `share`. */
function* splits(
  totals: readonly number[],
  share: number,
): Generator<{ challenger: number[]; chance: number }> {
  if (totals.length === 0) {
    yield { challenger: [], chance: 1 };
    return;
  }
  const [first, ...rest] = totals as [number, ...number[]];
  let chance = (1 - share) ** first;
  for (let taken = 0; taken <= first; taken += 1) {
    for (const tail of splits(rest, share))
      yield { challenger: [taken, ...tail.challenger], chance: chance * tail.chance };
    chance *= ((first - taken) / (taken + 1)) * (share / (1 - share));
  }
}

describe('the test of categories', () => {
  test('has an expectation of at most 1 while both arms answer alike, and of exactly 1 without the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }).chain((categories) =>
          fc.record({
            totals: counts(categories, 4),
            earlier: fc.record({ challenger: counts(categories, 40), champion: counts(categories, 40) }),
            share: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
          }),
        ),
        ({ totals, earlier, share }) => {
          const expectations = SHIFT_POWERS.map(() => 0);
          let isCapped = false;
          for (const { challenger, chance } of splits(totals, share)) {
            const champion = totals.map((total, index) => total - challenger[index]!);
            const factors = categoryLogFactors({ challenger, champion }, earlier, share);
            for (const [index, factor] of factors.entries()) {
              isCapped ||= factor === Math.log(FACTOR_CAP);
              expectations[index]! += chance * Math.exp(factor);
            }
          }
          for (const expectation of expectations) {
            expect(expectation).toBeLessThanOrEqual(1 + 1e-9);
            if (!isCapped) expect(expectation).toBeCloseTo(1, 9);
          }
        },
      ),
    );
  });

  test('of copied requests has an expectation of at most 1 as far as both arms agree or are independent', () => {
    fc.assert(
      fc.property(
        fc.record({ challenger: counts(3, 60), champion: counts(3, 60) }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (earlier, parts, agreement) => {
          const whole = parts.reduce((sum, part) => sum + part, 0);
          const one = (index: number) => [0, 1, 2].map((at) => (at === index ? 1 : 0));
          for (const power of SHIFT_POWERS.keys()) {
            let expectation = 0;
            for (const a of [0, 1, 2]) {
              for (const b of [0, 1, 2]) {
                const chance =
                  ((1 - agreement) * parts[a]! * parts[b]!) / whole ** 2 +
                  (a === b ? (agreement * parts[a]!) / whole : 0);
                const look = { champion: one(a), challenger: one(b) };
                expectation += chance * Math.exp(categoryLogFactors(look, earlier, 0.5)[power]!);
              }
            }
            expect(expectation).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
    );
  });

  test('equals the formula computed directly', () => {
    const [r, w] = [(5 + (20 * (15 + 0.5)) / 61) / 40 / ((10 + (20 * (15 + 0.5)) / 61) / 60), 0.2];
    const s = (15 + (20 * (45 + 0.5)) / 61) / 40 / ((30 + (20 * (45 + 0.5)) / 61) / 60);
    const q = (ratio: number) => (ratio * w) / (ratio * w + 1 - w);
    const direct =
      (q(r) / w) ** 3 * ((1 - q(r)) / (1 - w)) ** 7 * (q(s) / w) ** 1 * ((1 - q(s)) / (1 - w)) ** 9;
    const factors = categoryLogFactors(
      { challenger: [3, 1], champion: [7, 9] },
      { challenger: [5, 15], champion: [10, 30] },
      w,
    );
    expect(Math.exp(factors[SHIFT_POWERS.indexOf(1)]!)).toBeCloseTo(direct, 12);
  });

  test.each([
    { name: 'equal', chance: 0.3, isFound: 0 },
    { name: 'shifted', chance: 0.6, isFound: 1 },
  ])('finds $name predictions as such over 60 looks', ({ chance, isFound }) => {
    const random = randomGenerator(5);
    let found = 0;
    const runs = 200;
    for (let run = 0; run < runs; run += 1) {
      let process = startEProcess(SHIFT_POWERS.length);
      let earlier = { challenger: [0, 0], champion: [0, 0] };
      for (let look = 0; look < 60 && logEValue(process) < logLimit(0.05); look += 1) {
        const [x, y] = [binomialDraw(random, 20, chance), binomialDraw(random, 180, 0.3)];
        const counted = { challenger: [x, 20 - x], champion: [y, 180 - y] };
        process = addLook(process, categoryLogFactors(counted, earlier, 0.1));
        earlier = {
          challenger: earlier.challenger.map((sum, index) => sum + counted.challenger[index]!),
          champion: earlier.champion.map((sum, index) => sum + counted.champion[index]!),
        };
      }
      if (logEValue(process) >= logLimit(0.05)) found += 1 / runs;
    }
    expect(Math.abs(found - isFound)).toBeLessThanOrEqual(0.05);
  });

  test('says nothing before there is anything to estimate from, and refuses what cannot be', () => {
    const look = { challenger: [3, 4], champion: [5, 6] };
    expect(categoryLogFactors(look, { challenger: [0, 0], champion: [0, 0] }, 0.3)).toEqual([0, 0, 0]);
    expect(() => categoryLogFactors(look, look, 1)).toThrow(RangeError);
    expect(() => categoryLogFactors(look, { challenger: [1], champion: [1, 2] }, 0.3)).toThrow(RangeError);
  });
});

test('total variation is half the sum of differences', () => {
  expect(totalVariation({ challenger: [5, 5], champion: [90, 10] })).toBeCloseTo(0.4, 12);
  expect(totalVariation({ challenger: [0, 0], champion: [90, 10] })).toBeNull();
});

import { expect, test } from 'vitest';
import { addLook, logEValue, logLimit, startEProcess } from './e-process.ts';
import { SPLIT_ODDS, splitLogFactors } from './sample-ratio.ts';

function evidence(looks: { challenger: number; champion: number; share: number }[]): number {
  let process = startEProcess(SPLIT_ODDS.length);
  for (const look of looks) {
    process = addLook(process, splitLogFactors(look.challenger, look.champion, look.share));
  }
  return logEValue(process);
}

test('a split that is as intended gives no evidence, also when the weight changes', () => {
  const looks = [
    ...Array.from({ length: 20 }, () => ({ challenger: 10, champion: 90, share: 0.1 })),
    ...Array.from({ length: 20 }, () => ({ challenger: 50, champion: 50, share: 0.5 })),
  ];
  expect(evidence(looks)).toBeLessThan(0);
});

test('a split of 20 % where 10 % is meant is found', () => {
  const looks = Array.from({ length: 5 }, () => ({ challenger: 20, champion: 80, share: 0.1 }));
  expect(evidence(looks)).toBeGreaterThan(logLimit(0.001));
});

test('has an expectation of exactly 1 under the intended split', () => {
  const [total, share] = [12, 0.3];
  for (const index of SPLIT_ODDS.keys()) {
    let expectation = 0;
    let weight = (1 - share) ** total;
    for (let challenger = 0; challenger <= total; challenger += 1) {
      expectation += weight * Math.exp(splitLogFactors(challenger, total - challenger, share)[index]!);
      weight *= ((total - challenger) / (challenger + 1)) * (share / (1 - share));
    }
    expect(expectation).toBeCloseTo(1, 10);
  }
});

test('nothing is tested at weights of 0 and 1, and shares outside are refused', () => {
  expect(evidence([{ challenger: 0, champion: 50, share: 0 }])).toBeCloseTo(0, 12);
  expect(() => splitLogFactors(1, 1, 1.5)).toThrow(RangeError);
});

/** Detectors of change against river: the same alarms at the same rows of 100 streams. */
import { describe, expect, test } from 'vitest';
import { adwin } from '../../shared/stats/change-detection/adwin.ts';
import { ddm } from '../../shared/stats/change-detection/ddm.ts';
import {
  type Alarms,
  type ChangeDetector,
  findAlarms,
} from '../../shared/stats/change-detection/detector.ts';
import { kswin, smirnovTail } from '../../shared/stats/change-detection/kswin.ts';
import { pageHinkley } from '../../shared/stats/change-detection/page-hinkley.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, expectClose, python, requirePython } from './oracle.ts';

const STREAMS = 100;

/** Streams of several lengths that jump, creep, swing or stay: errors of 0 and 1, or numbers. */
function makeStream(seed: number, isBinary: boolean): number[] {
  const random = randomGenerator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const length = 200 + 60 * (seed % 50);
  const change = 0.3 + 0.4 * random();
  const moved = (share: number): number =>
    [0, Number(share > change), share, Math.sin(9 * share), Number(share > change && share < change + 0.2)][
      seed % 5
    ]!;
  const scale = [0.3, 1, 20, 1e-3][seed % 4]!;
  return Array.from({ length }, (_, index) => {
    const level = moved(index / length);
    if (isBinary) return Number(random() < 0.15 + 0.35 * Math.abs(level));
    // Every third stream has many equal values.
    const value = scale * (normal() + 2 * level);
    return seed % 3 === 0 ? Math.round(value) : value;
  });
}

const constants = [new Array<number>(500).fill(0), new Array<number>(500).fill(1), [1], []];
const binary = [...Array.from({ length: STREAMS }, (_, seed) => makeStream(seed, true)), ...constants];
const numbers = [...Array.from({ length: STREAMS }, (_, seed) => makeStream(seed, false)), ...constants];

function compare(kind: string, streams: number[][], make: () => ChangeDetector, options?: object): number {
  const answers = ask<Alarms>(
    streams.map((stream) => ({ kind, stream, options })),
    'detectors_oracle.py',
  );
  for (const [index, stream] of streams.entries()) {
    expect(findAlarms(make(), Float64Array.from(stream)), `stream ${index}`).toEqual(answers[index]);
  }
  return answers.reduce((sum, { drifts }) => sum + drifts.length, 0);
}

requirePython();

describe.skipIf(!python)(
  'detectors alarm where river’s do (set MLOPS_TEST_PYTHON to an interpreter with river)',
  () => {
    test('ADWIN', () => {
      expect(compare('adwin', numbers, () => adwin())).toBeGreaterThan(50);
      expect(compare('adwin', binary, () => adwin())).toBeGreaterThan(50);
      const options = { delta: 0.05, clock: 7, max_buckets: 3, min_window_length: 8, grace_period: 25 };
      const ours = { delta: 0.05, clock: 7, maxBuckets: 3, minWindow: 8, gracePeriod: 25 };
      expect(compare('adwin', numbers, () => adwin(ours), options)).toBeGreaterThan(50);
    });

    test('Page–Hinkley', () => {
      expect(compare('page_hinkley', numbers, () => pageHinkley())).toBeGreaterThan(50);
      expect(compare('page_hinkley', binary, () => pageHinkley())).toBeGreaterThan(10);
    });

    test('DDM, with its warnings', () => {
      expect(compare('ddm', binary, () => ddm())).toBeGreaterThan(50);
    });

    test('KSWIN, with what river has drawn', () => {
      // There every value is a test of its own, and slow.
      const streams = numbers.map((stream, seed) => stream.slice(-180 - 2 * seed));
      const cases = streams.map((stream, seed) => ({ kind: 'kswin', stream, seed }));
      const answers = ask<Alarms & { drawn: number[][] }>(cases, 'detectors_oracle.py');
      let drifts = 0;
      for (const [index, stream] of streams.entries()) {
        const { drawn, ...alarms } = answers[index]!;
        let draws = 0;
        const detector = kswin({ sample: () => drawn[draws++]! });
        expect(findAlarms(detector, Float64Array.from(stream)), `stream ${index}`).toEqual(alarms);
        expect(draws).toBe(drawn.length);
        drifts += alarms.drifts.length;
      }
      expect(drifts).toBeGreaterThan(30);
    });

    test('the exact tail of Kolmogorov and Smirnov', () => {
      const cases = [1, 2, 7, 30, 100].flatMap((size) =>
        Array.from({ length: size }, (_, at) => ({ kind: 'tail', size, steps: at + 1 })),
      );
      const answers = ask<{ p: number }>(cases, 'detectors_oracle.py');
      // Where rounding takes it above 1 there the answer is the asymptotic one.
      for (const [index, { size, steps }] of cases.entries())
        if (answers[index]!.p < 0.95)
          expectClose(smirnovTail(size, steps), answers[index]!.p, `tail of ${steps} in ${size}`);
    });
  },
);

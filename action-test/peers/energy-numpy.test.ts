import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnergyMeter } from '../../actions/train-on-gpu-runner/cost/energy.ts';
import { ask, draw, expectClose, LONGEST, python, requirePython } from './oracle.ts';

requirePython();

/** Of one to eight GPUs, sampled as a run is: never more than 30 seconds apart. */
const watts = fc.double({ min: 0, max: 1200, noNaN: true });
const cases = fc
  .tuple(
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.double({ min: 0.5, max: 30, noNaN: true }), { minLength: 1, maxLength: 200 }),
  )
  .chain(([gpus, gaps]) =>
    fc.record({
      gaps: fc.constant(gaps),
      watts: fc.array(fc.array(watts, { minLength: gaps.length + 1, maxLength: gaps.length + 1 }), {
        minLength: gpus,
        maxLength: gpus,
      }),
    }),
  );

test.skipIf(!python)(
  'the energy of GPUs is the trapezoidal sum of numpy',
  () => {
    const drawn = draw(cases, 200).map(({ gaps, watts: power }) => {
      const seconds = [0];
      for (const gap of gaps) seconds.push(seconds.at(-1)! + gap);
      return { seconds, watts: power };
    });
    const expected = ask<number>(drawn, 'energy_oracle.py');
    for (const [at, { seconds, watts: power }] of drawn.entries()) {
      const meter = new EnergyMeter();
      for (const [moment, second] of seconds.entries()) {
        meter.add(
          second,
          power.map((of, index) => ({ index, powerWatts: of[moment]!, utilisation: 50 })),
        );
      }
      const energy = meter.result();
      expectClose(energy!.kilowattHours, expected[at]!, `case ${at}`);
      expect(energy!.unknownSeconds).toBe(0);
    }
  },
  LONGEST,
);

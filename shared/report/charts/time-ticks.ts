/** Seconds between the ticks of a time axis: whole ones of a clock, so that their names are short. */
const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** @param end in seconds. @param most so many steps at most; less than a second has one. */
export function timeTicks(end: number, most: number): number[] {
  const step = TICK_STEPS.find((one) => end / one <= most) ?? Math.ceil(end / most / 86_400) * 86_400;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** Scales and numbers of curves whose size nobody knows beforehand: a loss, a learning rate, a perplexity. */
import { formatNumber, plainNumber } from '../numbers.ts';
import { type ChartTools, domainOf, type Scale } from './chart.ts';

export interface ValueScale {
  y: Scale;
  isLog: boolean;
  ticks: readonly number[];
  write(value: number): string;
}

/** From so many times the least value on, a linear scale would show all but the highest values as zero. */
const LOG_FROM = 30;

/**
 * @param values finite, at least one. @param range in pixels, from the bottom to the top.
 * @param mayBeLog false for what has a natural scale, such as a share.
 */
export function valueScale(
  tools: ChartTools,
  values: readonly number[],
  range: readonly [bottom: number, top: number],
  mayBeLog: boolean,
): ValueScale {
  const [low, high] = domainOf(values);
  if (mayBeLog && low > 0 && high / low >= LOG_FROM) {
    const y = tools.log([low * 0.9, high * 1.1], range);
    return { y, isLog: true, ticks: logTicks(low, high), write: axisNumber };
  }
  const air = high / 20 - low / 20;
  const y = tools.linear([low - air, high + air], range);
  const size = Math.max(Math.abs(low), Math.abs(high));
  const write = size >= 1e5 || size < 1e-3 ? shortNumber : y.tickFormat(4);
  return { y, isLog: false, ticks: y.ticks(4), write };
}

/** Powers of ten, at most five; of less than two decades 2 and 5 times each as well. */
function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const inside = (value: number) => value >= low * 0.9 && value <= high * 1.1;
  const tens = powers.filter((power) => inside(power10(power)));
  if (tens.length < 3)
    return powers.flatMap((power) => [1, 2, 5].map((digit) => power10(power, digit))).filter(inside);
  const every = Math.ceil(tens.length / 5);
  return tens.filter((_, index) => index % every === 0).map((power) => power10(power));
}

/** As it is written: `10 ** -5` would be 0.000009999999999999999. */
const power10 = (power: number, digit = 1): number => Number(`${digit}e${power}`);

/** `0.02`, `1,000`, `1e−5`, `2e7`. */
function axisNumber(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? exponent(value, 0) : plainNumber(value);
}

const UNITS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `0.213`, `8,000`, `120k`, `1.2M`; what is smaller or larger with its power of ten. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e12)) return exponent(value, 2);
  const [divisor, unit] = UNITS.find(([least]) => size >= 1e5 && size >= least) ?? [1, ''];
  return `${plainNumber(value / divisor, 4)}${unit}`;
}

function exponent(value: number, digits: number): string {
  const [mantissa = '', power = ''] = value.toExponential(digits).split('e');
  return `${mantissa.replace(/\.?0+$/, '')}e${power.replace('+', '')}`.replaceAll('-', '−');
}

/** Four significant digits; whole numbers whole; what is no number by its name. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '−Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return exponent(value, 3);
  if (Number.isInteger(value)) return formatNumber(value);
  return size >= 1e4 ? formatNumber(value, 1) : plainNumber(value, 4);
}

export const stepText = (step: number): string => formatNumber(step, Number.isInteger(step) ? 0 : 2);

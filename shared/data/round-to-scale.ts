const DIGITS = 12;

/**
 * Rounds a value computed from numbers of a given magnitude to 12 digits of that magnitude, which drops the digits
 * that differ between orders of summation.
 * @param scale the largest absolute value that went in; 0 leaves the value as it is.
 */
export function roundToScale(value: number, scale: number): number {
  if (!(scale > 0) || !Number.isFinite(scale) || !Number.isFinite(value)) return value;
  const decimals = DIGITS - 1 - Math.floor(Math.log10(scale));
  if (decimals < 0 || decimals > 100) return Number(value.toPrecision(DIGITS));
  const rounded = Number(value.toFixed(decimals));
  return rounded === 0 ? 0 : rounded;
}

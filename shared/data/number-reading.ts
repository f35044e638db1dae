/** Which types of the engine are read as numbers to be sorted, and how. */

/** How a type is read as DOUBLE, in the same order and without making two values one. */
export interface Reading {
  /** SQL of a column's name; null where the value cannot be read so. */
  number(name: string): string;
  /** The number on which statistics are computed; without, that which was read. */
  statistic?(number: number): number;
  /** SQL of the number's text as the engine writes the column's values. */
  text(number: string): string;
  /** Whether larger numbers than 2^53 would be rounded. */
  isWhole: boolean;
}

const DAY_SECONDS = 86_400;

/** @returns undefined for a type whose values are no numbers of their own. */
export function readingOf(type: string): Reading | undefined {
  const plain = {
    number: (name: string) => `${name}::DOUBLE`,
    text: (number: string) => `${number}::${type}::VARCHAR`,
  };
  if (type === 'DOUBLE' || type === 'FLOAT') return { ...plain, isWhole: false };
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return { ...plain, isWhole: true };
  // 15 digits is what a DOUBLE always holds.
  const digits = /^DECIMAL\((\d+),\d+\)$/.exec(type)?.[1];
  if (digits && Number(digits) <= 15) return { ...plain, isWhole: false };
  if (type === 'DATE')
    return {
      number: (name) => `CASE WHEN isfinite(${name}) THEN (${name} - DATE '1970-01-01')::DOUBLE END`,
      statistic: (days) => days * DAY_SECONDS,
      text: (days) => `(DATE '1970-01-01' + ${days}::INTEGER)::VARCHAR`,
      isWhole: true,
    };
  if (type === 'TIMESTAMP')
    return {
      number: (name) => `epoch_us(${name})::DOUBLE`,
      statistic: (microseconds) => microseconds / 1e6,
      text: (microseconds) => `make_timestamp(${microseconds}::BIGINT)::VARCHAR`,
      isWhole: true,
    };
  return undefined;
}

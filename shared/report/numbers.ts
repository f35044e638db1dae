/** Numbers and verdicts as people read them: fixed decimals, a real minus sign, a symbol and a word. */
import type { Verdict } from '../records/envelope.ts';

const MINUS = '\u2212';

/**
 * A number with exactly `decimals` digits after the point and commas between thousands: `16,758`, `−0.0101`.
 * What is not a finite number is an en dash; what rounds to zero has no sign.
 */
export function formatNumber(value: number | null | undefined, decimals = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const digits = formatterOf(decimals).format(Math.abs(value));
  const isZero = !/[1-9]/.test(digits);
  return value < 0 && !isZero ? MINUS + digits : digits;
}

/** Each takes longer to make than a hundred numbers to write. */
const formatters = new Map<number, Intl.NumberFormat>();

function formatterOf(decimals: number): Intl.NumberFormat {
  const known = formatters.get(decimals);
  if (known) return known;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const made = new Intl.NumberFormat('en-US', digits);
  formatters.set(decimals, made);
  return made;
}

/** A number as a person would write it, such as a limit: no more digits than it has, at most `digits`. */
export function plainNumber(value: number, digits = 6): string {
  const [, decimals = ''] = Number(value.toPrecision(digits)).toFixed(12).replace(/0+$/, '').split('.');
  return formatNumber(value, decimals.length);
}

/** As `formatNumber`, with a plus before positive numbers: differences always show their sign. */
export function formatSigned(value: number | null | undefined, decimals = 0): string {
  const text = formatNumber(value, decimals);
  return typeof value === 'number' && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** `0.0231` is `2.3 %`. */
export function formatShare(share: number | null | undefined, decimals = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–';
  return `${formatNumber(share * 100, decimals)} %`;
}

/** `[0.718, 0.731]`: of a value. */
export function formatValueInterval(lower: number, upper: number, decimals: number): string {
  return `[${formatNumber(lower, decimals)}, ${formatNumber(upper, decimals)}]`;
}

/** `[+0.018, +0.031]`: of a difference, both ends with their sign. */
export function formatInterval(lower: number, upper: number, decimals: number): string {
  return `[${formatSigned(lower, decimals)}, ${formatSigned(upper, decimals)}]`;
}

/**
 * How many decimals an interval justifies: two significant digits of its half width, between 0 and `most`.
 * An interval of no or infinite width justifies four.
 */
export function decimalsForInterval(lower: number, upper: number, most = 6): number {
  const halfWidth = Math.abs(upper - lower) / 2;
  if (!Number.isFinite(halfWidth) || halfWidth === 0) return Math.min(4, most);
  return Math.min(most, Math.max(0, 1 - Math.floor(Math.log10(halfWidth))));
}

/** A length of time given in seconds: `350 ms`, `41 s`, `2 min 5 s`, `1 h 3 min`, `2 d 4 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds === 0) return '0 s';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${formatNumber(seconds, Number.isInteger(seconds) ? 0 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A size given in bytes: `512 B`, `3.4 MB` (powers of 1000). */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(value, unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`;
}

/** `sha256:c1a2f00d1234…`: the first `length` digits of a digest. */
export function shortDigest(digest: string, length = 12): string {
  const [algorithm, hex] = digest.includes(':') ? digest.split(':', 2) : ['', digest];
  if (!hex || hex.length <= length) return digest;
  return `${algorithm ? `${algorithm}:` : ''}${hex.slice(0, length)}…`;
}

/** Digests inside a longer text, such as an address or a reason, cut short. */
export function withShortDigests(text: string): string {
  return text.replace(/sha256:[0-9a-f]{64}/g, (digest) => shortDigest(digest));
}

/** The verdict of an action, or of one metric or check, or of a step that has not run. */
export type ShownVerdict = Verdict | 'missing' | 'not_judged' | 'not_run';

const VERDICTS: Record<ShownVerdict, { symbol: string; word: string }> = {
  pass: { symbol: '✅', word: 'pass' },
  warn: { symbol: '⚠️', word: 'warn' },
  fail: { symbol: '❌', word: 'fail' },
  inconclusive: { symbol: '◐', word: 'cannot tell' },
  error: { symbol: '⛔', word: 'could not be judged' },
  missing: { symbol: '–', word: 'missing' },
  not_judged: { symbol: '–', word: 'not judged' },
  not_run: { symbol: '–', word: 'not run' },
};

export function verdictSymbol(verdict: ShownVerdict): string {
  return VERDICTS[verdict].symbol;
}

export function verdictWord(verdict: ShownVerdict): string {
  return VERDICTS[verdict].word;
}

/** Symbol and word, since neither colour nor a symbol alone reaches everybody. */
export function verdictLabel(verdict: ShownVerdict): string {
  return `${VERDICTS[verdict].symbol} ${VERDICTS[verdict].word}`;
}

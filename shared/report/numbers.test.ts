import { describe, expect, test } from 'vitest';
import {
  decimalsForInterval,
  formatBytes,
  formatDuration,
  formatInterval,
  formatNumber,
  formatShare,
  formatSigned,
  shortDigest,
  verdictLabel,
} from './numbers.ts';

describe('numbers', () => {
  test('fixed decimals, commas, a real minus sign', () => {
    expect(formatNumber(16758)).toBe('16,758');
    expect(formatNumber(-0.0101, 4)).toBe('−0.0101');
    expect(formatNumber(-0.00001, 2)).toBe('0.00');
    expect(formatNumber(Number.NaN, 2)).toBe('–');
    expect(formatNumber(null)).toBe('–');
  });

  test('differences always show their sign', () => {
    expect(formatSigned(0.0246, 4)).toBe('+0.0246');
    expect(formatSigned(-3)).toBe('−3');
    expect(formatSigned(0.0000001, 3)).toBe('0.000');
    expect(formatInterval(0.018, 0.031, 3)).toBe('[+0.018, +0.031]');
  });

  test('an interval justifies two digits of its half width', () => {
    expect(decimalsForInterval(0.018, 0.031)).toBe(4);
    expect(decimalsForInterval(-30, 30)).toBe(0);
    expect(decimalsForInterval(1, 1)).toBe(4);
    expect(decimalsForInterval(0, 1e-12)).toBe(6);
  });

  test('shares, sizes and durations carry their unit', () => {
    expect(formatShare(0.0231)).toBe('2.3 %');
    expect(formatBytes(512)).toBe('512 B');
    expect(formatBytes(3_400_000)).toBe('3.4 MB');
    expect(formatBytes(999_960)).toBe('1.0 MB');
    expect(formatDuration(0.35)).toBe('350 ms');
    expect(formatDuration(4.25)).toBe('4.3 s');
    expect(formatDuration(41.2)).toBe('41 s');
    expect(formatDuration(125)).toBe('2 min 5 s');
    expect(formatDuration(59.7)).toBe('1 min');
    expect(formatDuration(3780)).toBe('1 h 3 min');
  });

  test('a digest is shown short and a verdict as symbol and word', () => {
    expect(shortDigest(`sha256:${'c1a2'.repeat(16)}`)).toBe('sha256:c1a2c1a2c1a2…');
    expect(verdictLabel('inconclusive')).toBe('◐ cannot tell');
    expect(verdictLabel('not_run')).toBe('– not run');
  });
});

import { describe, expect, test } from 'vitest';
import { rangeLabels, shortened } from './ranges.ts';

describe('ranges are written as they are cut', () => {
  test('whole numbers by their first and last', () => {
    expect(rangeLabels([16, 20, 21], true)).toEqual(['up to 16', '17 to 20', '21', '22 or more']);
  });

  test('fractions by their ends, with as few digits as keep them apart', () => {
    expect(rangeLabels(shortened([0.31234, 0.51678]), false)).toEqual([
      'up to 0.312',
      'over 0.312 to 0.517',
      'over 0.517',
    ]);
    expect(shortened([1000.12, 1000.34])).toEqual([1000.1, 1000.3]);
  });
});

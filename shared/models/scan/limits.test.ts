import { describe, expect, test } from 'vitest';
import { Limits, TooMuch } from './limits.ts';

const MEBIBYTE = 1024 * 1024;

/** Reads a file of a size that unpacks evenly. @returns how many bytes were unpacked before it was too much. */
function unpackedOf(size: number, ratio: number, limits = new Limits(size)): number {
  let unpacked = 0;
  for (let read = 0; read < size; read += 1000) {
    limits.read(1000);
    try {
      limits.unpacked(1000 * ratio);
    } catch (error) {
      expect(error).toBeInstanceOf(TooMuch);
      return unpacked;
    }
    unpacked += 1000 * ratio;
  }
  return Number.POSITIVE_INFINITY;
}

describe('what a file may unpack to', () => {
  test.each([255, 1032, 10_000, 1_000_000])('a bomb of 10 MB is refused early, packed %i to 1', (ratio) => {
    expect(unpackedOf(10_000_000, ratio)).toBeLessThan(450 * MEBIBYTE);
  });

  test('what no bomb is packed like may be as large as it likes', () => {
    expect(unpackedOf(200_000_000, 90)).toBe(Number.POSITIVE_INFINITY);
  });

  test('200 MB of zeros may be packed as well as it goes', () => {
    const limits = new Limits(300);
    limits.read(300);
    limits.unpacked(200_000_000);
    expect(() => limits.unpacked(100_000_000)).toThrow(TooMuch);
  });

  test('what hardly compresses before a bomb does not help it', () => {
    const limits = new Limits(10_000_000);
    limits.read(5_000_000);
    limits.unpacked(5_000_000);
    expect(unpackedOf(5_000_000, 1032, limits)).toBeLessThan(350 * MEBIBYTE);
  });

  test('bytes that are read again count once', () => {
    const limits = new Limits(1_000_000);
    const again = () => {
      for (let time = 0; time < 1000; time++) {
        limits.read(1_000_000);
        limits.unpacked(100_000_000);
      }
    };
    expect(again).toThrow(TooMuch);
  });

  test('a declared size is compared with all that the file may unpack to', () => {
    const limits = new Limits(10_000_000);
    expect(() => limits.expect(1_200_000_000)).not.toThrow();
    expect(() => limits.expect(3_000_000_000)).toThrow(
      'It unpacks to 3,000,000,000 bytes and more: 268,435,456',
    );
  });

  test('what streams in each other need at once has a bound, and may be taken again when it was given back', () => {
    const limits = new Limits(0);
    limits.hold(64 * MEBIBYTE);
    limits.hold(64 * MEBIBYTE);
    expect(() => limits.hold(1)).toThrow('134,217,729 bytes of memory at once: 134,217,728 are let through');
    limits.release(64 * MEBIBYTE);
    expect(() => limits.hold(64 * MEBIBYTE)).not.toThrow();
  });
});

import { expect, test } from 'vitest';
import { scanOne } from '../../testing/scan-one.ts';
import { zipByHand } from '../../testing/zip-by-hand.ts';
import { shortened } from './finding.ts';

test('a text that is too long keeps its beginning and its end', () => {
  expect(shortened('abcdefgh', 8)).toBe('abcdefgh');
  expect(shortened(`ab${'-'.repeat(5_000)}yz`, 4)).toBe('ab… (5,000 more characters) …yz');
});

test('what a file writes without end is told in short', async () => {
  const long = 'm'.repeat(60_000);
  const pickle = Buffer.from(`c${long}\nname\n.`);
  const { counts, findings } = await scanOne(zipByHand([{ name: `../${long}`, bytes: pickle }]));
  expect(counts.error).toBe(2);
  for (const { what, members } of findings) {
    expect(what.length).toBeLessThan(1_100);
    expect(members.join().length).toBeLessThan(400);
  }
});

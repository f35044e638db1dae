import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { findingsOf, PLAIN_PICKLE } from '../../../testing/scan-one.ts';

test('streams in each other that all fail do not end the process', async () => {
  let bytes: Buffer = PLAIN_PICKLE;
  for (let depth = 0; depth < 4; depth++) {
    bytes = gzipSync(bytes, { level: 0 });
    bytes[bytes.length - 8]! ^= 1;
  }
  const found = await findingsOf(bytes);
  // An error that nobody hears comes up once the scan is over.
  await new Promise((resolve) => setImmediate(resolve));
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((one) => one.startsWith('unreadable'))).toBe(true);
});

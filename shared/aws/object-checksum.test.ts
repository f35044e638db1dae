import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ChecksumAlgorithm, checksumOf, startChecksum } from './object-checksum.ts';

const hex = (algorithm: ChecksumAlgorithm, ...parts: string[]): string => {
  const running = startChecksum(algorithm);
  for (const part of parts) running.update(Buffer.from(part));
  return Buffer.from(running.value(), 'base64').toString('hex');
};

// The check values of the catalogue of parametrised CRC algorithms.
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
] as const)('%s of 123456789, whole and in parts', (algorithm, check) => {
  expect(hex(algorithm, '123456789')).toBe(check);
  expect(hex(algorithm, '1234', '', '56789')).toBe(check);
});

test('hashes are those of Node', () => {
  for (const name of ['SHA1', 'SHA256'] as const)
    expect(hex(name, 'a', 'b')).toBe(createHash(name.toLowerCase()).update('ab').digest('hex'));
});

test('takes the strongest of the whole content', () => {
  expect(checksumOf({ ChecksumCRC32: 'AAAA', ChecksumSHA256: 'BBBB' })).toEqual({
    algorithm: 'SHA256',
    value: 'BBBB',
  });
  expect(checksumOf({ ChecksumCRC64NVME: 'AAAA=', ChecksumType: 'FULL_OBJECT' })?.algorithm).toBe(
    'CRC64NVME',
  );
  expect(checksumOf({ ChecksumSHA256: 'AAAA', ChecksumType: 'COMPOSITE' })).toBeUndefined();
  expect(checksumOf({ ChecksumSHA256: 'AAAA=-3' })).toBeUndefined();
  expect(checksumOf({})).toBeUndefined();
});

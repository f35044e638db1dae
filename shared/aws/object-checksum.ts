/** The checksums that S3 keeps of an object's whole content, computed of what arrived. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export type ChecksumAlgorithm = 'SHA256' | 'SHA1' | 'CRC32' | 'CRC32C' | 'CRC64NVME';

export interface ObjectChecksum {
  algorithm: ChecksumAlgorithm;
  /** In base64, as S3 gives it. */
  value: string;
}

/** Strongest first. */
const ALGORITHMS: readonly ChecksumAlgorithm[] = ['SHA256', 'SHA1', 'CRC64NVME', 'CRC32C', 'CRC32'];

/** The strongest checksum that S3 names; undefined where it has none, or only one of the parts' checksums. */
export function checksumOf(found: {
  ChecksumType?: string;
  ChecksumSHA256?: string;
  ChecksumSHA1?: string;
  ChecksumCRC64NVME?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC32?: string;
}): ObjectChecksum | undefined {
  if (found.ChecksumType === 'COMPOSITE') return undefined;
  for (const algorithm of ALGORITHMS) {
    const value = found[`Checksum${algorithm}`];
    // A checksum of parts ends in their number: `…=-3`.
    if (value && /^[A-Za-z0-9+/]+=*$/.test(value)) return { algorithm, value };
  }
  return undefined;
}

export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** In base64. */
  value(): string;
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  if (algorithm === 'SHA256' || algorithm === 'SHA1') {
    const hash = createHash(algorithm.toLowerCase());
    return { update: (bytes) => hash.update(bytes), value: () => hash.digest('base64') };
  }
  if (algorithm === 'CRC64NVME') return startCrc64();
  const next = algorithm === 'CRC32' ? crc32 : crc32c;
  let sum = 0;
  return {
    update: (bytes) => {
      sum = next(bytes, sum);
    },
    value: () => base64(sum),
  };
}

/** Castagnoli's polynomial, its bits reversed. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
let crc32cTable: Uint32Array | undefined;

function crc32c(bytes: Uint8Array, before: number): number {
  crc32cTable ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
    return value;
  });
  let sum = ~before;
  for (const byte of bytes) sum = crc32cTable[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** The polynomial of the NVMe specification, its bits reversed, as two halves: 64 bits are too many for a number. */
const CRC64_HIGH = 0x9a6c9329;
const CRC64_LOW = 0xac4bc9b5;
let crc64Tables: { high: Uint32Array; low: Uint32Array } | undefined;

function startCrc64(): RunningChecksum {
  crc64Tables ??= makeCrc64Tables();
  const tables = crc64Tables;
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(bytes) {
      for (const byte of bytes) {
        const at = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ tables.low[at]!;
        high = (high >>> 8) ^ tables.high[at]!;
      }
    },
    value: () => base64(~high >>> 0, ~low >>> 0),
  };
}

function makeCrc64Tables(): { high: Uint32Array; low: Uint32Array } {
  const tables = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) [high, low] = [high ^ CRC64_HIGH, low ^ CRC64_LOW];
    }
    tables.high[byte] = high;
    tables.low[byte] = low;
  }
  return tables;
}

function base64(...words: number[]): string {
  const bytes = Buffer.alloc(4 * words.length);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 4 * index);
  return bytes.toString('base64');
}

import { constants, deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_AT_ONCE, SmallInflater } from './small-inflater.ts';

const content = (length: number, seed: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => (at * at * seed) >> (at % 9)));
const long = content(MOST_AT_ONCE, 3);
const zeros = (length: number): Buffer => deflateRawSync(Buffer.alloc(length));
/** All of the bytes are there; the last block does not say that it is the last. */
const withoutEnd = deflateRawSync(content(500, 5), { finishFlush: constants.Z_SYNC_FLUSH });

const MEMBERS: Record<string, [packed: Buffer, unpacked: Buffer | undefined]> = {
  small: [deflateRawSync(content(300, 7)), content(300, 7)],
  empty: [deflateRawSync(''), Buffer.alloc(0)],
  stored: [deflateRawSync(content(900, 9), { level: 0 }), content(900, 9)],
  longest: [deflateRawSync(long), long],
  'too long': [zeros(1 << 20), undefined],
  'much too long': [zeros(1 << 27), undefined],
  'nothing at all': [Buffer.alloc(0), undefined],
  damaged: [Buffer.alloc(300, 0xff), undefined],
  'cut off': [deflateRawSync(content(300, 7)).subarray(0, -1), undefined],
  'without an end': [withoutEnd, undefined],
  'one byte more': [Buffer.concat([deflateRawSync(content(300, 7)), Buffer.alloc(1)]), undefined],
  'as much again': [Buffer.concat([deflateRawSync(long), deflateRawSync(long)]), undefined],
};

test.each(Object.entries(MEMBERS))('a member: %s', async (_name, [packed, unpacked]) => {
  const inflater = new SmallInflater();
  expect((await inflater.inflate(packed))?.equals(unpacked!)).toBe(unpacked && true);
  inflater.close();
});

test('no member changes what another one unpacks to, whatever it is', async () => {
  const names = fc.array(fc.constantFrom(...Object.keys(MEMBERS)), { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(names, async (order) => {
      const inflater = new SmallInflater();
      const given: (Buffer | undefined)[] = [];
      for (const name of order) given.push(await inflater.inflate(MEMBERS[name]![0]));
      inflater.close();
      for (const [at, name] of order.entries()) {
        const unpacked = MEMBERS[name]![1];
        expect(given[at]?.equals(unpacked!), name).toBe(unpacked && true);
      }
    }),
    { numRuns: 60 },
  );
});

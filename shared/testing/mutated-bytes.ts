import fc from 'fast-check';

interface Change {
  at: number;
  bytes: Uint8Array;
  isInserted: boolean;
}

/** A valid file with some bytes changed, put in, or cut off at the end. */
export function mutated(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change: fc.Arbitrary<Change> = fc.record({
    at: fc.nat({ max: valid.length }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
    isInserted: fc.boolean(),
  });
  return fc
    .record({
      changes: fc.array(change, { maxLength: 4 }),
      end: fc.nat({ max: valid.length }),
      cut: fc.boolean(),
    })
    .map(({ changes, end, cut }) => {
      let bytes = Buffer.from(valid);
      for (const { at, bytes: put, isInserted } of changes)
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          put,
          bytes.subarray(isInserted ? at : at + put.length),
        ]);
      return new Uint8Array(cut ? bytes.subarray(0, end) : bytes);
    });
}

import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { foundInParts } from '../../../testing/scan-in-parts.ts';

test.each([1, 7, 5_000, 1 << 18])(
  'bytes that are cut off lie where they begin, in parts of %i',
  async (part) => {
    const inner = Buffer.concat([Buffer.from('\x80\x02cos\nsystem\n', 'latin1'), Buffer.alloc(9_000, ' ')]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(inner.length + 1);
    const bytes = Buffer.concat([Buffer.from('\x80\x03cos\nsystem\n0B', 'latin1'), length, inner]);
    const findings = await foundInParts(bytes, [part], tmpdir());
    const cutOff = findings.find(([, { what }]) => what.includes('in the middle of a value'));
    expect(cutOff?.[1].offset).toBe(19);
  },
);

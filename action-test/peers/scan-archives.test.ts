import { expect, test } from 'vitest';
import { scanOne } from '../../shared/testing/scan-one.ts';
import { ask, python, requirePython } from './oracle.ts';

requirePython();

test.skipIf(!python)("ordinary archives of Python's own modules have no finding", async () => {
  const archives = ask<{ name: string; bytes: string }>([], 'scan_archives.py');
  expect(archives).toHaveLength(30);
  for (const { name, bytes } of archives) {
    const { findings, formats } = await scanOne(Buffer.from(bytes, 'base64'));
    expect({ name, findings }).toEqual({ name, findings: [] });
    expect(formats.pickle, name).toBe(1);
  }
});

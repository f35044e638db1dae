/**
 * Every finding in every format: the passing file has no finding, the failing one has this one alone. With
 * `MLOPS_SCAN_FILES=folder` the files are written there, to be looked at.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Format } from '../../../shared/models/scan/identify.ts';
import { RULES } from '../../../shared/models/scan/rules.ts';
import { scannerOf } from '../../../shared/models/scan/scanners.ts';
import { EVIL } from '../evil.ts';
import { type Looked, toldScan } from '../told-scan.ts';
import { CATALOGUE } from './catalogue.ts';
import { FORMATS } from './formats.ts';

/** Nothing of these passes. */
const ALWAYS_REFUSED: readonly Looked[] = ['blanks', 'machine-code'];
/** Their scanner finds nothing by itself: it hands on what they hold. */
const HANDED_ON: readonly string[] = ['wide-text'];

const pair = ({ format, rule }: { format?: Looked; rule: string }): string => `${format} ${rule}`;
const pairs = new Set(CATALOGUE.map(pair));
const files = CATALOGUE.flatMap(({ passing, failing }) => [passing, failing]);

beforeAll(async () => {
  const folder = process.env.MLOPS_SCAN_FILES;
  if (folder === undefined) return;
  for (const { name, make } of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), make());
  }
});

describe.each([...new Set(CATALOGUE.map(({ format }) => format))])('%s', (format) => {
  const entries = CATALOGUE.filter((entry) => entry.format === format);
  test.each(entries)('$rule: $passing.name passes, $failing.name does not', async (entry) => {
    const passing = await toldScan(entry.passing);
    expect(passing.findings).toEqual([]);
    if (!ALWAYS_REFUSED.includes(format)) expect(passing.formats).toContain(format);
    const failing = await toldScan(entry.failing);
    expect(new Set(failing.findings.map(pair)), failing.findings.map(({ what }) => what).join('\n')).toEqual(
      new Set([pair(entry)]),
    );
  });
});

test('every rule is there, and every format that a scanner looks into', async () => {
  expect(new Set(CATALOGUE.map(({ rule }) => rule))).toEqual(new Set(Object.keys(RULES)));
  const scanned: string[] = [];
  for (const format of Object.keys(FORMATS) as Format[]) if (await scannerOf(format)) scanned.push(format);
  const missing = scanned.filter((format) => !CATALOGUE.some((entry) => entry.format === format));
  expect(missing).toEqual(HANDED_ON);
});

test('whatever is found in an evil file is there', { timeout: 120_000 }, async () => {
  const missing = new Map<string, string>();
  for (const file of EVIL) {
    for (const found of (await toldScan(file)).findings) {
      // Nothing could be read of that stream: of what format it is, nobody knows.
      if (found.format === undefined) continue;
      if (!pairs.has(pair(found))) missing.set(pair(found), `${file.name}: ${found.what}`);
    }
  }
  expect([...missing]).toEqual([]);
});

test('no two files have the same name', () => {
  const named = new Map<string, Buffer>();
  for (const { name, make } of files) {
    const bytes = Buffer.from(make());
    expect(Buffer.compare(named.get(name) ?? bytes, bytes), name).toBe(0);
    named.set(name, bytes);
  }
});

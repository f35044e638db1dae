/** What scikit-learn, joblib, numpy, pandas and Python itself save every day passes the safety scan. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelScanResult } from '../../shared/records/model-scan.ts';
import { scanFolder } from '../scan/scan-folder.ts';
import { ask, LONGEST, python, requirePython } from './oracle.ts';

requirePython();

interface Saved {
  files: number;
  /** Estimators that could not be fitted. */
  left_out: string[];
}

let folder: string;
let saved: Saved;
let result: ModelScanResult;

beforeAll(async () => {
  if (!python) return;
  folder = await mkdtemp(join(tmpdir(), 'good-'));
  saved = ask<Saved>([{ folder }], 'scan_good.py')[0]!;
  result = await scanFolder(folder);
}, LONGEST);
afterAll(async () => {
  if (python) await rm(folder, { recursive: true });
});

test.skipIf(!python)('every estimator could be fitted and saved', () => {
  expect(saved.left_out).toEqual([]);
  expect(saved.files).toBeGreaterThan(2_000);
  expect(result.files).toBe(saved.files);
});

test.skipIf(!python)('nothing is found in any file', () => {
  const said = result.findings.map(({ file, members, rule, what }) =>
    [file, ...members, rule, what].join(' · '),
  );
  expect(said).toEqual([]);
});

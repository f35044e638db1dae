/**
 * The evil files, and what common libraries save, before picklescan, modelscan and fickling. What they say of them is
 * recorded beside this file, for docs/scan.md; `npm test -- --project heavy scan-rivals -u` records it anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RULES } from '../../shared/models/scan/rules.ts';
import { ask, python } from '../peers/oracle.ts';
import { PLACED, writeEvil } from '../scan/evil-folder.ts';
import { scanFolder } from '../scan/scan-folder.ts';
import { toldScan } from '../scan/told-scan.ts';
import {
  type EvilRow,
  type Family,
  familyOf,
  RIVALS,
  type Rival,
  type RivalsRecord,
  type RivalsRow,
  tallyOf,
  type Verdict,
} from './scan-rivals.ts';
import { installedTool } from './tool.ts';

const MAKE_MILLISECONDS = 540_000;
const SAVED_BY = [
  ['boosters', 'XGBoost, LightGBM, CatBoost, ONNX, safetensors', 'MLOPS_TEST_SCAN_BOOSTERS'],
  ['torch', 'PyTorch', 'MLOPS_TEST_TORCH'],
  ['keras', 'Keras', 'MLOPS_TEST_KERAS'],
] as const;

type Verdicts = Record<Rival, Verdict>;
interface Answer {
  versions: Record<Rival, string>;
  verdicts: Record<string, Verdicts>;
}

const rivals = installedTool('MLOPS_TEST_SCAN_RIVALS');
const savers = SAVED_BY.map(([tools, title, variable]) => ({ tools, title, place: installedTool(variable) }));
const isHere = rivals !== undefined && python !== undefined && savers.every(({ place }) => place);

const folder = mkdtempSync(join(tmpdir(), 'rivals-'));
const evilFolder = join(folder, 'evil');
/** Title of a row → where its files are. */
const goodFolders = new Map([['scikit-learn, NumPy, pandas, joblib', join(folder, 'scikit-learn')]]);
for (const { tools, title } of savers) goodFolders.set(title, join(folder, tools));

const verdictsOf = (of: string): Answer =>
  JSON.parse(
    execFileSync(rivals!, [join(import.meta.dirname, 'scan_rivals.py'), of], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 26,
    }).toString(),
  );

beforeAll(async () => {
  if (!isHere) return;
  await writeEvil(evilFolder);
  ask([{ folder: join(folder, 'scikit-learn') }], '../peers/scan_good.py');
  const env = {
    ...process.env,
    KERAS_BACKEND: 'jax',
    CUDA_VISIBLE_DEVICES: '',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  for (const { tools, place } of savers) {
    const words = [join(import.meta.dirname, 'scan_good_tools.py'), tools, folder];
    execFileSync(place!, words, { env, stdio: 'pipe', timeout: MAKE_MILLISECONDS });
  }
}, 2 * MAKE_MILLISECONDS);
afterAll(() => rm(folder, { recursive: true, force: true }));

const rowOf = (title: string, refusedHere: number, verdicts: readonly Verdicts[]): RivalsRow => ({
  title,
  files: verdicts.length,
  refusedHere,
  picklescan: tallyOf(verdicts.map((said) => said.picklescan)),
  modelscan: tallyOf(verdicts.map((said) => said.modelscan)),
  fickling: tallyOf(verdicts.map((said) => said.fickling)),
});

/** By family and technique, in the order of the evil files. */
async function evilRows(verdicts: Record<string, Verdicts>): Promise<EvilRow[]> {
  const groups = new Map<string, { family: Family; title: string; refusedHere: number; said: Verdicts[] }>();
  for (const evil of PLACED) {
    const { formats, findings } = await toldScan(evil);
    const family = familyOf(evil, formats);
    const key = `${family} ${evil.technique}`;
    const group = groups.get(key) ?? { family, title: evil.technique, refusedHere: 0, said: [] };
    groups.set(key, group);
    group.said.push(verdicts[evil.path]!);
    if (findings.some(({ rule }) => RULES[rule].level === 'error')) group.refusedHere += 1;
  }
  return [...groups.values()].map(({ family, title, refusedHere, said }) => ({
    family,
    ...rowOf(title, refusedHere, said),
  }));
}

async function goodRow(title: string, good: string): Promise<RivalsRow> {
  const said = Object.values(verdictsOf(good).verdicts);
  const { findings, files } = await scanFolder(good);
  expect(files).toBe(said.length);
  const refused = new Set(findings.filter(({ level }) => level === 'error').map(({ file }) => file));
  return rowOf(title, refused.size, said);
}

describe.skipIf(!isHere)('beside picklescan, modelscan and fickling', () => {
  test('the scan refuses every evil file and no good one, and they say what is recorded', {
    timeout: 1_200_000,
  }, async () => {
    const { versions, verdicts } = verdictsOf(evilFolder);
    expect(Object.keys(verdicts).sort()).toEqual(PLACED.map(({ path }) => path).sort());
    const record: RivalsRecord = { versions, evil: await evilRows(verdicts), good: [] };
    for (const [title, good] of goodFolders) record.good.push(await goodRow(title, good));
    await expect(`${JSON.stringify(record, null, 2)}\n`).toMatchFileSnapshot('scan-rivals.json');
    expect(record.evil.filter(({ files, refusedHere }) => refusedHere < files)).toEqual([]);
    expect(record.good.filter(({ refusedHere }) => refusedHere > 0)).toEqual([]);
    for (const rival of RIVALS) {
      const sum = (verdict: Verdict) => record.evil.reduce((total, row) => total + row[rival][verdict], 0);
      expect(sum('refused')).toBeGreaterThan(0);
      expect(sum('clean') + sum('skipped') + sum('error')).toBeGreaterThan(0);
    }
  });
});

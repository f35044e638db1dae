/**
 * The evil files and what scikit-learn, numpy and pandas save, before picklescan, modelscan and fickling. With
 * `MLOPS_SCAN_RIVALS=file` the table of what each says is written there.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, python } from '../peers/oracle.ts';
import { PLACED, writeEvil } from '../scan/evil-folder.ts';
import { scanFolder } from '../scan/scan-folder.ts';
import { installedTool } from './tool.ts';

const RIVALS = ['picklescan', 'modelscan', 'fickling'] as const;
type Rival = (typeof RIVALS)[number];
type Verdict = 'refused' | 'clean' | 'error' | 'skipped';
type Verdicts = Record<Rival, Verdict>;

const rivals = installedTool('MLOPS_TEST_SCAN_RIVALS');
const isHere = rivals !== undefined && python !== undefined;

const folder = mkdtempSync(join(tmpdir(), 'rivals-'));
const [evilFolder, goodFolder] = [join(folder, 'evil'), join(folder, 'good')];
let evil: Record<string, Verdicts>;
let good: Record<string, Verdicts>;

const verdictsOf = (of: string): Record<string, Verdicts> =>
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
  ask([{ folder: goodFolder }], '../peers/scan_good.py');
  evil = verdictsOf(evilFolder);
  good = verdictsOf(goodFolder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Refused, and of the rest how many could not be read and how many were not looked at. */
function tally(verdicts: readonly Verdict[]): string {
  const count = (verdict: Verdict): number => verdicts.filter((said) => said === verdict).length;
  const rest = [
    [count('error'), 'unreadable'],
    [count('skipped'), 'skipped'],
  ] as const;
  const said = rest.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${count('refused')}${said.length > 0 ? ` (${said.join(', ')})` : ''}`;
}

function row(title: string, all: readonly Verdicts[], ours: number): string {
  const cells = RIVALS.map((rival) => tally(all.map((verdicts) => verdicts[rival])));
  return `| ${[title, all.length, ours, ...cells].join(' | ')} |`;
}

async function refusedHere(path: string): Promise<boolean> {
  const { counts } = await scanFolder(path);
  return counts.error > 0;
}

describe.skipIf(!isHere)('beside picklescan, modelscan and fickling', () => {
  test('every file has a verdict of each, and each refuses some and misses some', () => {
    expect(Object.keys(evil).sort()).toEqual(PLACED.map(({ path }) => path).sort());
    for (const rival of RIVALS) {
      const said = Object.values(evil).map((verdicts) => verdicts[rival]);
      expect(said).toContain('refused');
      expect(said.some((verdict) => verdict !== 'refused')).toBe(true);
    }
  });

  test('the scan refuses every evil file, and no good one', async () => {
    const refused = new Set<string>();
    for (const { path } of PLACED) if (await refusedHere(join(evilFolder, path))) refused.add(path);
    const { counts, files } = await scanFolder(goodFolder);
    expect(PLACED.filter(({ path }) => !refused.has(path))).toEqual([]);
    expect([counts.error, files]).toEqual([0, Object.keys(good).length]);

    const rows = [...new Set(PLACED.map(({ technique }) => technique))].map((technique) => {
      const files = PLACED.filter((file) => file.technique === technique);
      const ours = files.filter(({ path }) => refused.has(path)).length;
      return row(
        technique,
        files.map(({ path }) => evil[path]!),
        ours,
      );
    });
    const table = [
      `| evil files: technique | files | refused here | ${RIVALS.join(' | ')} |`,
      '|---|---|---|---|---|---|',
      ...rows,
      row('all evil files', Object.values(evil), refused.size),
      row('good files (scikit-learn, numpy, pandas, joblib)', Object.values(good), counts.error),
      '',
    ].join('\n');
    if (process.env.MLOPS_SCAN_RIVALS) await writeFile(process.env.MLOPS_SCAN_RIVALS, table);
  });
});

/** For tests: a folder of profiles of earlier runs, made without reading any data. */
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { ColumnSketch, DataProfile, Moments } from '../../../shared/records/data-profile.ts';
import type { DataValidation } from '../../../shared/records/data-validation.ts';
import { recordHead, type Verdict } from '../../../shared/records/envelope.ts';
import { RecordFolder } from '../../../shared/records/folder.ts';

/** What is said of one earlier run; the rest is the same in all. */
export interface EarlierProfile {
  /** Before the day on which test kits run. */
  daysAgo?: number;
  rowCount?: number;
  /** Of the column x. */
  column?: Partial<ColumnSketch>;
  /** Names of the columns, where they are not x and k. */
  columns?: string[];
  name?: string;
  digest?: string;
  /** On its data, in a DataValidation beside the profile. */
  verdict?: Verdict;
}

/** When the runs of test kits are. */
const NOW = Date.parse('2001-02-01T00:00:00Z');
const DAY = 86_400_000;

export const NUMBERS: Moments = { count: 100, mean: 1, standardDeviation: 1, minimum: 0, maximum: 2 };

/** The last of them yesterday. */
export const oneADay = (runs: readonly EarlierProfile[]): EarlierProfile[] =>
  runs.map((run, index) => ({ daysAgo: runs.length - index, ...run }));

const sketch = (name: string, given: Partial<ColumnSketch> = {}): ColumnSketch => ({
  name,
  type: 'BIGINT',
  kind: 'numeric',
  count: 100,
  nulls: 0,
  distinct: 10,
  moments: NUMBERS,
  quantiles: [0, 0, 0, 1, 2, 2, 2],
  histogram: null,
  top: null,
  ...given,
});

export function earlierProfile(run: EarlierProfile): DataProfile {
  const createdAt = new Date(NOW - (run.daysAgo ?? 1) * DAY);
  const columns = (run.columns ?? ['x', 'k']).map((name) => sketch(name, name === 'x' ? run.column : {}));
  return {
    ...recordHead('DataProfile', {
      name: run.name ?? 'model',
      source: { repository: null, commit: null, runUrl: null },
      createdAt,
      subject: run.digest ?? sha256(JSON.stringify(run)),
      inputs: [],
      verdict: 'pass',
      reason: 'profiled',
    }),
    format: 'csv',
    files: [],
    rowCount: run.rowCount ?? 100,
    rejectedLines: 0,
    columns,
    chunks: [],
    approximate: [],
  };
}

/** Writes the runs' records; @returns the folder. */
export async function writeHistory(folder: string, runs: readonly EarlierProfile[]): Promise<string> {
  for (const run of runs) {
    const profile = earlierProfile(run);
    const records = new RecordFolder(folder, profile.name);
    await records.write(profile);
    if (run.verdict) await records.write(validationOf(profile, run.verdict));
  }
  return folder;
}

/** The record that lies beside a profile. */
export function validationOf(profile: DataProfile, verdict: Verdict): DataValidation {
  const { name, source, subject, createdAt, rowCount } = profile;
  const head = { name, source, subject: subject.digest, createdAt: new Date(createdAt), inputs: [] };
  return {
    ...recordHead('DataValidation', { ...head, verdict, reason: 'judged' }),
    contract: null,
    rowCount,
    rejectedLines: { count: 0, examples: [] },
    checks: [],
    uncoveredColumns: [],
    personalColumns: [],
    exampleMode: 'masked',
  };
}

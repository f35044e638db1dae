/** The whole judgement on two loaded sides: columns, chunks, performance. Pure; reading and writing are elsewhere. */
import type {
  DriftCheck,
  DriftChunk,
  DriftColumn,
  DriftDetection,
  DriftPerformance,
} from '../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import {
  type Compared,
  compareColumn,
  compareTimeColumn,
  likelyRename,
  roleOf,
  type UnmatchedColumn,
  unmatchedColumn,
  weighColumns,
} from './assess-columns.ts';
import type { ChunkedSides } from './chunked-columns.ts';
import { type ChunkSize, cutChunks } from './chunks.ts';
import { normaliseImportance } from './importance.ts';
import { assessTogether, type Together } from './multivariate/assess-together.ts';
import { assessPerformance } from './performance/assess-performance.ts';
import type { PerformanceMetric } from './performance.ts';
import type { ColumnValues, DriftTable } from './table.ts';

export interface Assessment extends Together {
  columns: DriftColumn[];
  chunks: DriftChunk[];
  performance: DriftPerformance[];
  detectors?: DriftDetection[];
  chunking: DriftCheck['chunking'];
  labelled: { reference: number | null; data: number | null };
  notes: string[];
}

export interface AssessOptions {
  policy: DriftPolicy;
  metrics: readonly PerformanceMetric[];
  /** As given, not normalised. */
  importance: ReadonlyMap<string, number>;
  chunk?: ChunkSize;
  /** Features of the reference that hold times, and so are not judged. */
  times: readonly string[];
  /** Those of the data. */
  timesNow?: readonly string[];
}

/** Columns whose effect is kept for every chunk: what a reader would look at. */
const CHARTED_COLUMNS = 20;

/** A column of nulls alone has whatever type its reader guessed: it takes that of the other side. */
function alikeNulls(column: ColumnValues, other: ColumnValues): ColumnValues {
  if (column.kind === 'categorical' && other.kind === 'numeric' && column.codes.every((code) => code < 0)) {
    return { kind: 'numeric', values: new Float64Array(column.codes.length).fill(Number.NaN) };
  }
  return column;
}

const KIND_WORDS = { numeric: 'numbers', categorical: 'text' };

/** Times are not judged by their values, but by being there: columns of the reference that hold times no more. */
function timesThatAreNone(
  data: DriftTable,
  policy: DriftPolicy,
  times: readonly string[],
  timesNow: readonly string[],
): UnmatchedColumn[] {
  return times.flatMap((name): UnmatchedColumn[] => {
    const now = data.columns.get(name);
    const role = roleOf(name, policy);
    if (timesNow.includes(name) || (now && data.rowCount === 0)) return [];
    if (!now) return [{ name, role, status: 'missing', note: 'is missing from the data' }];
    const empty = now.kind === 'categorical' && now.codes.every((code) => code < 0);
    const note = `held times in the reference and holds ${empty ? 'no value' : KIND_WORDS[now.kind]} now`;
    return [{ name, role, status: 'type_changed', note }];
  });
}

interface Matched {
  compared: Compared[];
  unmatched: UnmatchedColumn[];
}

function matchColumns(
  reference: DriftTable,
  data: DriftTable,
  sides: ChunkedSides,
  { policy, times, timesNow = [] }: AssessOptions,
): Matched {
  const matched: Matched = { compared: [], unmatched: timesThatAreNone(data, policy, times, timesNow) };
  const added = new Map(
    [...data.columns].filter(([name]) => !reference.columns.has(name) && !times.includes(name)),
  );
  for (const [name, column] of reference.columns) {
    const role = roleOf(name, policy);
    const found = data.columns.get(name);
    if (!found && timesNow.includes(name)) {
      const note = `held ${KIND_WORDS[column.kind]} in the reference and holds times now`;
      matched.unmatched.push({ name, role, status: 'type_changed', note });
      continue;
    }
    if (!found) {
      const rename = likelyRename(column, added, reference);
      const guess =
        rename === undefined ? '' : `; perhaps it was renamed to ${rename}, whose values look the same`;
      matched.unmatched.push({ name, role, status: 'missing', note: `is missing from the data${guess}` });
      continue;
    }
    const now = alikeNulls(found, column);
    const before = alikeNulls(column, found);
    if (before.kind !== now.kind && policy.features[name]?.kind !== 'categorical') {
      const note = `held ${KIND_WORDS[before.kind]} in the reference and holds ${KIND_WORDS[now.kind]} now`;
      matched.unmatched.push({ name, role, status: 'type_changed', note });
      continue;
    }
    matched.compared.push(compareColumn(name, role, before, now, policy, sides));
  }
  for (const [name, before] of reference.times ?? []) {
    const now = data.times?.get(name);
    if (now) matched.compared.push(compareTimeColumn(name, roleOf(name, policy), before, now, policy));
  }
  for (const name of added.keys()) {
    matched.unmatched.push({
      name,
      role: roleOf(name, policy),
      status: 'new',
      note: 'is not in the reference',
    });
  }
  return matched;
}

function importanceShares(
  matched: Matched,
  options: AssessOptions,
): { shares: Map<string, number>; notes: string[] } {
  const features = [
    ...matched.compared.filter((column) => column.role === 'feature'),
    ...matched.unmatched.filter((column) => column.status !== 'new' && column.role === 'feature'),
  ].map((column) => column.name);
  const given = new Map<string, number>();
  for (const [name, rule] of Object.entries(options.policy.features)) {
    if (rule.importance !== undefined) given.set(name, Math.abs(rule.importance));
  }
  // A file of importances is made with each model; numbers in the policy are what a person once thought.
  for (const [name, value] of options.importance) given.set(name, value);
  const unknown = [...options.importance.keys()].filter((name) => !features.includes(name));
  const notes =
    unknown.length > 0
      ? [`The importance file names ${unknown.length} columns that are not judged, such as ${unknown[0]}.`]
      : [];
  return { shares: normaliseImportance(given, features), notes };
}

/** Judges the data against the reference. @throws UserError when the policy's measure does not fit a column. */
export function assess(reference: DriftTable, data: DriftTable, options: AssessOptions): Assessment {
  const { policy, metrics } = options;
  const cut = cutChunks(reference, data, options.chunk);
  const ordered =
    options.chunk !== undefined || (reference.timestamps !== undefined && data.timestamps !== undefined);
  const sides: ChunkedSides = { ...cut, ordered };
  const chunks = [...cut.reference, ...cut.data];
  const matched = matchColumns(reference, data, sides, options);
  const { shares, notes } = importanceShares(matched, options);
  const columns = [
    ...weighColumns(
      matched.compared.filter((column) => column.role === 'feature'),
      policy,
      shares,
    ),
    ...matched.unmatched.map((column) => unmatchedColumn(column, policy, shares)),
    ...weighColumns(
      matched.compared.filter((column) => column.role === 'prediction'),
      policy,
      new Map(),
    ),
  ];
  if (ordered && columns.some((column) => column.test === 'rows' && column.kind === 'numeric')) {
    notes.push(
      'There are too few comparable chunks, so numeric columns were judged by rows, as if these were independent.',
    );
  }

  const together = assessTogether(reference, data, columns, policy);
  const measured = assessPerformance(
    { reference, data },
    chunks,
    metrics,
    policy,
    matched.compared
      .filter((column) => column.role === 'feature' && column.kind !== 'timestamp')
      .map((column) => column.name),
  );
  const charted = chartedColumns(columns, matched.compared);
  return {
    columns,
    ...together,
    performance: measured.performance,
    detectors: measured.detectors,
    notes,
    chunks: chunks.map((chunk, index) => ({
      part: chunk.part,
      start: isoTime(chunk.start),
      end: isoTime(chunk.stop),
      firstRow: chunk.first + 1,
      rows: chunk.end - chunk.first,
      judged: chunk.judged,
      effects: effectsOf(charted, index),
      ...measured.chunks[index]!,
    })),
    chunking: {
      by: options.chunk?.by ?? 'none',
      size: options.chunk?.size ?? null,
      ordered,
      judgedReference: cut.reference.filter((chunk) => chunk.judged).length,
      judgedData: cut.data.filter((chunk) => chunk.judged).length,
    },
    labelled: { reference: countLabels(reference), data: countLabels(data) },
  };
}

function chartedColumns(columns: readonly DriftColumn[], compared: readonly Compared[]): Compared[] {
  const rank = (column: DriftColumn) =>
    (column.role === 'prediction' ? 4 : 0) + (column.status === 'drifts' ? 2 : 0) + (column.importance ?? 0);
  const wanted = [...columns].sort((a, b) => rank(b) - rank(a)).map((column) => column.name);
  const byName = new Map(compared.map((column) => [column.name, column]));
  return wanted
    .map((name) => byName.get(name))
    .filter((column) => column !== undefined)
    .slice(0, CHARTED_COLUMNS);
}

function effectsOf(charted: readonly Compared[], index: number): Record<string, number> {
  const effects = charted.map((column) => [column.name, column.chunkEffects[index]] as const);
  return Object.fromEntries(
    effects.filter(([, effect]) => effect !== undefined && Number.isFinite(effect)),
  ) as Record<string, number>;
}

function countLabels(table: DriftTable): number | null {
  if (!table.labels) return null;
  let count = 0;
  for (const label of table.labels) if (!Number.isNaN(label)) count++;
  return count;
}

function isoTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

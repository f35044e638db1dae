/** The whole judgement on two loaded sides: columns, chunks, performance. Pure; reading and writing are elsewhere. */
import type {
  DriftCheck,
  DriftChunk,
  DriftColumn,
  DriftDetection,
  DriftPerformance,
} from '../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import { unmatchedColumn, weighColumns } from './assess-columns.ts';
import type { ChunkedSides } from './chunked-columns.ts';
import { type ChunkSize, cutChunks } from './chunks.ts';
import { type Compared, compareColumn, compareTimeColumn } from './compare-column.ts';
import { normaliseImportance } from './importance.ts';
import {
  judgeTogether,
  markDrifting,
  type Together,
  type TogetherSample,
} from './multivariate/judge-together.ts';
import { sampleTogether } from './multivariate/sample-together.ts';
import { type PairedColumns, pairColumns } from './pair-columns.ts';
import { assessPerformance } from './performance/assess-performance.ts';
import type { PerformanceMetric } from './performance.ts';
import type { DriftTable } from './table.ts';

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

function importanceShares(
  paired: PairedColumns,
  options: AssessOptions,
): { shares: Map<string, number>; notes: string[] } {
  const features = [
    ...[...paired.pairs, ...paired.times].filter((column) => column.role === 'feature'),
    ...paired.unmatched.filter((column) => column.status !== 'new' && column.role === 'feature'),
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

/** Everything that is known before anything is compared. */
export interface Prepared {
  reference: DriftTable;
  data: DriftTable;
  options: AssessOptions;
  sides: ChunkedSides;
  paired: PairedColumns;
  /** Share of all importance by name. */
  shares: Map<string, number>;
  notes: string[];
  sample: TogetherSample;
}

/** What took the time: each pair compared, in their order, then the times; and the columns judged together. */
export interface Found {
  compared: Compared[];
  together: Together;
}

/** Pairs the columns of both sides, cuts both into chunks and draws the rows that are judged together. */
export function prepare(reference: DriftTable, data: DriftTable, options: AssessOptions): Prepared {
  const { policy } = options;
  const ordered =
    options.chunk !== undefined || (reference.timestamps !== undefined && data.timestamps !== undefined);
  const sides = { ...cutChunks(reference, data, options.chunk), ordered };
  const paired = pairColumns(reference, data, policy, options.times, options.timesNow);
  const { shares, notes } = importanceShares(paired, options);
  const features = paired.pairs
    .filter(({ role }) => role === 'feature')
    .sort((a, b) => (shares.get(b.name) ?? 0) - (shares.get(a.name) ?? 0));
  const sample = sampleTogether(reference, data, features, policy);
  return { reference, data, options, sides, paired, shares, notes, sample };
}

/** Judges the data against the reference. @throws UserError when the policy's measure does not fit a column. */
export function assess(reference: DriftTable, data: DriftTable, options: AssessOptions): Assessment {
  const prepared = prepare(reference, data, options);
  const { paired, sides, sample } = prepared;
  const compared = [
    ...paired.pairs.map((pair) => compareColumn(pair, options.policy, sides)),
    ...paired.times.map((pair) => compareTimeColumn(pair, options.policy)),
  ];
  return conclude(prepared, { compared, together: judgeTogether(sample) });
}

/** Weighs what was found. */
export function conclude(prepared: Prepared, found: Found): Assessment {
  const { reference, data, options, sides, paired, shares } = prepared;
  const { policy, metrics } = options;
  const notes = [...prepared.notes];
  const { ordered } = sides;
  const chunks = [...sides.reference, ...sides.data];
  const { compared } = found;
  const columns = [
    ...weighColumns(
      compared.filter((column) => column.role === 'feature'),
      policy,
      shares,
    ),
    ...paired.unmatched.map((column) => unmatchedColumn(column, policy, shares)),
    ...weighColumns(
      compared.filter((column) => column.role === 'prediction'),
      policy,
      new Map(),
    ),
  ];
  if (ordered && columns.some((column) => column.test === 'rows' && column.kind === 'numeric')) {
    notes.push(
      'There are too few comparable chunks, so numeric columns were judged by rows, as if these were independent.',
    );
  }

  const together = markDrifting(found.together, columns);
  const measured = assessPerformance(
    { reference, data },
    chunks,
    metrics,
    policy,
    compared
      .filter((column) => column.role === 'feature' && column.kind !== 'timestamp')
      .map((column) => column.name),
  );
  const charted = chartedColumns(columns, compared);
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
      judgedReference: sides.reference.filter((chunk) => chunk.judged).length,
      judgedData: sides.data.filter((chunk) => chunk.judged).length,
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

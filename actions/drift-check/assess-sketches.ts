/** The judgement where a DataProfile stands for the rows of one side or of both: by cells, and so approximate. */
import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import type { Assessment } from './assess.ts';
import { roleOf, type UnmatchedColumn, unmatchedColumn, weighColumns } from './assess-columns.ts';
import { columnRule } from './column-rule.ts';
import type { Compared } from './compare-column.ts';
import { compareSketches } from './compare-sketches.ts';
import { normaliseImportance } from './importance.ts';
import type { LoadedSide } from './load.ts';
import { nothingTogether } from './multivariate/sample-together.ts';
import type { PerformanceMetric } from './performance.ts';
import { alikeEmpty, fromProfile, fromRows, type SketchColumn, withoutRows } from './sketch-column.ts';

export type SketchSide = DataProfile | LoadedSide;

interface SketchOptions {
  policy: DriftPolicy;
  metrics: readonly PerformanceMetric[];
  importance: ReadonlyMap<string, number>;
}

function sketchesOf(side: SketchSide, other: SketchSide): Map<string, SketchColumn> {
  if (!('table' in side)) {
    return new Map(
      side.columns
        .map((column) => [column.name, fromProfile(column)] as const)
        .filter((entry): entry is [string, SketchColumn] => entry[1] !== undefined),
    );
  }
  const cells = 'table' in other ? new Map<string, SketchColumn>() : sketchesOf(other, side);
  const counted = new Map<string, SketchColumn>();
  for (const [name, column] of side.table.columns) {
    const sketch = fromRows(column, cells.get(name) ?? withoutRows(column.kind));
    if (sketch) counted.set(name, sketch);
  }
  return counted;
}

/** All column names of a side, also of those that no sketch describes. */
export function namesOf(side: SketchSide): Set<string> {
  return new Set(
    'table' in side
      ? [...side.table.columns.keys(), ...side.times]
      : side.columns.map((column) => column.name),
  );
}

/** Judges by sketches. Performance needs rows and is not judged. */
export function assessSketches(reference: SketchSide, data: SketchSide, options: SketchOptions): Assessment {
  const { policy } = options;
  const before = sketchesOf(reference, data);
  const now = sketchesOf(data, reference);
  const present = namesOf(data);
  const { id, timestamp, y_true, y_score, y_pred, sample_weight, group, cluster } = policy.columns;
  const others = new Set([id, timestamp, y_true, sample_weight, group, cluster]);
  const judgedHere = (name: string) =>
    name === y_score || name === y_pred || (policy.columns.features?.includes(name) ?? !others.has(name));
  const compared: Compared[] = [];
  const unmatched: UnmatchedColumn[] = [];
  const knownBefore = namesOf(reference);
  for (const [name, described] of before) {
    if (!judgedHere(name)) continue;
    const sketch = alikeEmpty(described, now.get(name));
    const found = now.has(name) ? alikeEmpty(now.get(name)!, sketch) : undefined;
    const role = roleOf(name, policy);
    if (!present.has(name))
      unmatched.push({ name, role, status: 'missing', note: 'is missing from the data' });
    else if (found?.kind !== sketch.kind)
      unmatched.push({ name, role, status: 'type_changed', note: 'has another type in the data' });
    else {
      const { decideOn, minEffect } = columnRule(name, sketch.kind, policy);
      const comparison = compareSketches(name, sketch, found, policy);
      const { kind } = sketch;
      compared.push({ name, role, kind, comparison, test: 'rows', decideOn, minEffect, chunkEffects: [] });
    }
  }
  // Times have no sketch, but they may be gone all the same.
  for (const name of knownBefore) {
    if (!before.has(name) && !present.has(name) && judgedHere(name))
      unmatched.push({
        name,
        role: roleOf(name, policy),
        status: 'missing',
        note: 'is missing from the data',
      });
  }
  for (const name of present) {
    if (!knownBefore.has(name) && judgedHere(name))
      unmatched.push({ name, role: roleOf(name, policy), status: 'new', note: 'is not in the reference' });
  }
  const features = compared.filter((column) => column.role === 'feature').map((column) => column.name);
  const given = new Map(
    Object.entries(policy.features).flatMap(([name, rule]) =>
      rule.importance === undefined ? [] : [[name, Math.abs(rule.importance)] as const],
    ),
  );
  for (const [name, value] of options.importance) given.set(name, value);
  const shares = normaliseImportance(given, [
    ...features,
    ...unmatched.filter(({ status }) => status !== 'new').map(({ name }) => name),
  ]);
  return {
    columns: [
      ...weighColumns(
        compared.filter((column) => column.role === 'feature'),
        policy,
        shares,
      ),
      ...unmatched.map((column) => unmatchedColumn(column, policy, shares)),
      ...weighColumns(
        compared.filter((column) => column.role === 'prediction'),
        policy,
        new Map(),
      ),
    ],
    ...nothingTogether(policy),
    chunks: [],
    performance: options.metrics.map((metric) => ({
      name: metric.name,
      greaterIsBetter: metric.greaterIsBetter,
      margin: metric.margin,
      source: 'real',
      status: 'not_judged',
      referenceChunks: 0,
      judgedChunks: 0,
      mean: null,
      deviation: null,
      limit: null,
      worst: null,
      fallenChunks: [],
      note: 'a profile holds no rows to score',
    })),
    chunking: { by: 'none', size: null, ordered: false, judgedReference: 0, judgedData: 0 },
    labelled: { reference: null, data: null },
    notes: [
      'A profile stood for rows: effects come from its cells, and rows are judged as if they were independent.',
    ],
  };
}

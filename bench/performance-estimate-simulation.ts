/**
 * Whether performance without labels may be believed: how often its interval holds the real value while inputs move
 * and mean the same, that it fails where they come to mean something else, how often a history without a change asks
 * for a retrain, and how often detectors alarm where nothing changes. `npm run bench -- estimate-simulation`; ends
 * with 1 when a share is out of its range.
 */
import { performance } from 'node:perf_hooks';
import { cutChunks } from '../actions/drift-check/chunks.ts';
import { estimateSeries, expectRows } from '../actions/drift-check/estimate.ts';
import { resolveMetrics } from '../actions/drift-check/metrics.ts';
import { assessPerformance } from '../actions/drift-check/performance/assess-performance.ts';
import { isContradicted } from '../actions/drift-check/performance/deciding.ts';
import { FALSE_ALARM_PERCENT } from '../actions/drift-check/performance/false-alarms.ts';
import { estimateLoss, findLossRows } from '../actions/drift-check/performance/loss-estimate.ts';
import {
  type ChunkValues,
  judgePerformance,
  labelledRows,
  type PerformanceMetric,
  realSeries,
} from '../actions/drift-check/performance.ts';
import { type DriftPolicy, driftPolicySchema } from '../shared/records/drift-policy.ts';
import { adwin } from '../shared/stats/change-detection/adwin.ts';
import { ddm } from '../shared/stats/change-detection/ddm.ts';
import { findAlarms } from '../shared/stats/change-detection/detector.ts';
import { kswin } from '../shared/stats/change-detection/kswin.ts';
import { pageHinkley } from '../shared/stats/change-detection/page-hinkley.ts';
import { randomGenerator } from '../shared/stats/random.ts';
import { normalGenerator } from './drift-tables.ts';
import type { Benchmark } from './measure.ts';
import {
  binaryTable,
  type MakeTable,
  multiclassTable,
  regressionTable,
} from './performance-estimate-tables.ts';

const REFERENCE_ROWS = 2000;
const CHUNK_ROWS = 500;
const REFERENCE_CHUNKS = 10;
const LATER_CHUNKS = 26;
const CHUNKS = { by: 'rows', size: CHUNK_ROWS } as const;

interface Task {
  make: MakeTable;
  policy: DriftPolicy;
  metrics: PerformanceMetric[];
}

function taskOf(make: MakeTable, columns: object, names: readonly string[]): Task {
  const policy = driftPolicySchema.parse({
    version: 1,
    columns: { y_true: 'y', ...columns },
    performance: names.map((name) => ({ name })),
  });
  return { make, policy, metrics: resolveMetrics(policy, () => ({})) };
}

const TASKS = {
  binary: taskOf(binaryTable, { y_score: 's' }, ['roc_auc', 'accuracy', 'f1', 'log_loss']),
  multiclass: taskOf(multiclassTable, {}, ['accuracy', 'f1_macro', 'roc_auc_ovr']),
  regression: taskOf(regressionTable, { y_pred: 'p' }, [
    'mean_absolute_error',
    'mean_squared_error',
    'root_mean_squared_error',
  ]),
};

export interface Coverage {
  /** Share of the chunks of the data whose interval holds the real value. */
  held: number;
  /** Share of the pairs of tables of which the report says that the estimate is wrong. */
  contradicted: number;
}

/** By `task metric`, over pairs of 2,000 reference rows and four chunks of 500 rows. */
export function simulateCoverage(
  draws: number,
  shift: number,
  conceptDrift: boolean,
  tasks: readonly (keyof typeof TASKS)[] = ['binary', 'multiclass', 'regression'],
): Map<string, Coverage> {
  const found = new Map<string, Coverage>();
  for (const name of tasks) {
    const { make, policy, metrics } = TASKS[name];
    for (let seed = 1; seed <= draws; seed++) {
      const random = randomGenerator(seed);
      const sides = {
        reference: make(REFERENCE_ROWS, random, { shift: 0 }),
        data: make(4 * CHUNK_ROWS, random, { shift, conceptDrift }),
      };
      const cut = cutChunks(sides.reference, sides.data, CHUNKS);
      const chunks = [...cut.reference, ...cut.data];
      for (const part of assessPerformance(sides, chunks, metrics, policy, ['x', 'z']).performance) {
        if (part.source !== 'estimated' || !part.held) continue;
        const sum = found.get(`${name} ${part.name}`) ?? { held: 0, contradicted: 0 };
        found.set(`${name} ${part.name}`, {
          held: sum.held + part.held.within / part.held.chunks / draws,
          contradicted: sum.contradicted + Number(isContradicted(part)) / draws,
        });
      }
    }
  }
  return found;
}

/** By `task source`, the share of histories without a change of which any metric asks for a retrain. */
export function simulateHistories(
  histories: number,
  name: keyof typeof TASKS,
): { real: number; estimated: number } {
  const { make, metrics } = TASKS[name];
  const asked = { real: 0, estimated: 0 };
  for (let seed = 1; seed <= histories; seed++) {
    const random = randomGenerator(1_000_000 + seed);
    const sides = {
      reference: make(REFERENCE_CHUNKS * CHUNK_ROWS, random, { shift: 0 }),
      data: make(LATER_CHUNKS * CHUNK_ROWS, random, { shift: 0 }),
    };
    const cut = cutChunks(sides.reference, sides.data, CHUNKS);
    const chunks = [...cut.reference, ...cut.data];
    const rows = chunks.map((chunk) => labelledRows(sides[chunk.part], chunk.first, chunk.end));
    const falls = (source: 'real' | 'estimated', series: readonly ChunkValues[]): number =>
      Number(
        series.some(
          (values, index) =>
            judgePerformance(metrics[index]!, source, values, metrics.length).status === 'fell',
        ),
      );
    asked.real += falls(
      'real',
      metrics.map((metric) => realSeries(metric, rows, chunks)),
    );
    asked.estimated += falls('estimated', estimates(sides, chunks, metrics));
  }
  return { real: asked.real / histories, estimated: asked.estimated / histories };
}

function estimates(
  sides: Parameters<typeof expectRows>[0],
  chunks: Parameters<typeof expectRows>[1],
  metrics: readonly PerformanceMetric[],
): ChunkValues[] {
  if (metrics[0]!.task !== 'regression') {
    const expected = expectRows(sides, chunks)!;
    return metrics.map((metric) => estimateSeries(metric, expected));
  }
  const rows = findLossRows(sides, chunks, ['x', 'z'])!;
  const models: Parameters<typeof estimateLoss>[2] = new Map();
  return metrics.map((metric) => estimateLoss(metric, rows, models));
}

const COUNTS_OF_CHUNKS = [
  { before: 6, later: 26 },
  { before: 6, later: 104 },
  { before: 10, later: 26 },
  { before: 10, later: 104 },
  { before: 20, later: 26 },
  { before: 20, later: 104 },
];
const SMALLEST_FALL = 6;

/**
 * The limit alone, on normal values of independent metrics: the share of histories of which any metric asks for a
 * retrain without a change, and where the first falls by so many deviations, twice its margin, for the last half.
 */
export function simulateLimits(
  histories: number,
  metrics: number,
  { before, later }: (typeof COUNTS_OF_CHUNKS)[number],
  fall = 0,
): number {
  const chunks = Array.from({ length: before + later }, (_, index) => ({
    part: index < before ? ('reference' as const) : ('data' as const),
    first: index,
    end: index + 1,
    judged: true,
  }));
  const usable = chunks.map(() => true);
  let asked = 0;
  for (let seed = 1; seed <= histories; seed++) {
    const normal = normalGenerator(randomGenerator(3_000_000 + seed));
    const fell = Array.from({ length: metrics }, (_, metric) => {
      const values = chunks.map((_, index) =>
        metric === 0 && index >= before + later / 2 ? normal() - fall : normal(),
      );
      const judged = { name: 'value', margin: fall / 2, greaterIsBetter: true };
      return judgePerformance(judged, 'real', { chunks, values, usable }, metrics).status === 'fell';
    });
    if (fell.includes(true)) asked++;
  }
  return asked / histories;
}

const DETECTORS = { adwin, page_hinkley: pageHinkley, ddm, kswin };

/** Percent of streams of 10,000 values without a change on which each detector alarms. */
export function simulateFalseAlarms(streams: number): Map<string, { found: number; printed: number }> {
  const found = new Map<string, { found: number; printed: number }>();
  for (const [name, rates] of Object.entries(FALSE_ALARM_PERCENT)) {
    for (const [kind, printed] of Object.entries(rates)) {
      let alarmed = 0;
      for (let seed = 1; seed <= streams; seed++) {
        const random = randomGenerator(7_000_000 + seed);
        const values = Float64Array.from({ length: 10_000 }, () =>
          kind === 'errors'
            ? Number(random() < 0.2)
            : Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
        );
        const detector = DETECTORS[name as keyof typeof DETECTORS]();
        if (findAlarms(detector, values).drifts.length > 0) alarmed++;
      }
      found.set(`${name}, ${kind}`, { found: (100 * alarmed) / streams, printed });
    }
  }
  return found;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export async function benchmark(): Promise<Benchmark> {
  const begin = performance.now();
  const lines: string[] = [];
  let withinLimit = true;
  const check = (what: string, value: string, limit: string, holds: boolean): void => {
    lines.push(`| ${what} | ${value} | ${limit} |`);
    withinLimit &&= holds;
  };
  for (const [shift, draws] of [
    [0, 50],
    [0.5, 150],
  ] as const) {
    const inputs = shift === 0 ? 'nothing moved' : `inputs moved by ${shift} deviations`;
    for (const [name, { held }] of simulateCoverage(draws, shift, false))
      check(`${inputs}: the interval of ${name} holds the real value`, percent(held), '≥ 92 %', held >= 0.92);
  }
  for (const [name, { held, contradicted }] of simulateCoverage(60, 0, true)) {
    check(`concept drift: the interval of ${name} holds the real value`, percent(held), '< 80 %', held < 0.8);
    lines.push(
      `| concept drift: four labelled chunks show that ${name} is wrong | ${percent(contradicted)} | |`,
    );
  }
  for (const [name, histories] of [
    ['binary', 500],
    ['multiclass', 200],
    ['regression', 100],
  ] as const) {
    const asked = simulateHistories(histories, name);
    const what = `no change, ${REFERENCE_CHUNKS} reference chunks and ${LATER_CHUNKS} later, ${histories} histories of ${name}`;
    check(`${what}: the real value asks for a retrain`, percent(asked.real), '≤ 5 %', asked.real <= 0.05);
    check(`${what}: the estimate does`, percent(asked.estimated), '≤ 5 %', asked.estimated <= 0.05);
  }
  for (const metrics of [1, 4]) {
    for (const counts of COUNTS_OF_CHUNKS) {
      const what = `normal values of ${metrics} metric${metrics > 1 ? 's' : ''}, ${counts.before} reference chunks and ${counts.later} later`;
      const alarms = simulateLimits(2000, metrics, counts);
      check(`${what}: no change asks for a retrain`, percent(alarms), '≤ 5 %', alarms <= 0.05);
      const found = simulateLimits(500, metrics, counts, SMALLEST_FALL);
      lines.push(
        `| ${what}: a fall of ${SMALLEST_FALL} deviations, twice the margin, does | ${percent(found)} | |`,
      );
    }
  }
  for (const [name, { found, printed }] of simulateFalseAlarms(200)) {
    const near = Math.abs(found - printed) <= 10;
    check(
      `${name}: alarms on 10,000 values without a change`,
      `${found.toFixed(1)} %`,
      `${printed} % ± 10`,
      near,
    );
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  return {
    title: `Estimated performance: ${REFERENCE_ROWS} reference rows, chunks of ${CHUNK_ROWS}, in ${seconds} s`,
    table: ['| simulation | share | limit |', '|---|--:|--:|', ...lines].join('\n'),
    withinLimit,
  };
}

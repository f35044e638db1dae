/**
 * What drift-check sees on real flights, week by week: the spring and the last weeks as they were, and the last weeks
 * with five faults. `npm run bench -- flights-faults` runs the committed action on each, once before the labels came and
 * once with them, and writes docs/drift-on-flights.md and its picture. Ends with 1 when something is seen otherwise than
 * the page says.
 */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriftCheck } from '../shared/records/drift-check.ts';
import { drawWeeks, writePage } from './flights-faults-page.ts';
import type { Benchmark } from './measure.ts';

const root = join(import.meta.dirname, '..');
const example = join(root, 'workflows-examples/flight-delays');

export interface Fault {
  name: string;
  title: string;
  /** What happened in the job before the model. */
  story: string;
  /** What is to be seen of it; a person looks into it where that changes. */
  expected: Seen;
}

/** What drift-check said of one fault. */
export interface Seen {
  /** Columns and other parts that drifted, known on the day. */
  onTheDay: readonly string[];
  /** Whether performance estimated without labels fell below its limit. */
  estimateFell: boolean;
  /** Whether real performance did, once the labels were there. */
  realFell: boolean;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'spring',
    title: 'Ten weeks of spring as they were',
    story: 'Nothing is wrong. Spring is calmer than winter.',
    expected: { onTheDay: ['origin_delay', 'score'], estimateFell: false, realFell: false },
  },
  {
    name: 'as-they-were',
    title: 'The last weeks as they were',
    story: 'Nothing is wrong.',
    expected: { onTheDay: [], estimateFell: false, realFell: false },
  },
  {
    name: 'feature-job',
    title: "The demo's fault",
    story:
      'The job that makes the features writes hours on a 12-hour clock and joins origin_delay to other flights of the same origin.',
    expected: { onTheDay: ['hour', 'classifier', 'correlations'], estimateFell: false, realFell: true },
  },
  {
    name: 'wrong-join',
    title: 'Only the wrong join',
    story: 'origin_delay belongs to another flight of the same origin. Every value is a real one.',
    expected: { onTheDay: ['classifier', 'correlations'], estimateFell: false, realFell: true },
  },
  {
    name: 'stale-feed',
    title: 'A stale feed',
    story: 'origin_delay is a day old: that of the same airport and hour on the day before.',
    expected: { onTheDay: ['origin_delay', 'classifier'], estimateFell: false, realFell: false },
  },
  {
    name: 'other-unit',
    title: 'A column in another unit',
    story: 'A new source of distances counts kilometres instead of miles.',
    expected: { onTheDay: ['distance', 'classifier'], estimateFell: false, realFell: false },
  },
  {
    name: 'upstream-filter',
    title: 'An upstream filter',
    story: 'The job that collects flights closes its day too early and loses half of those that are late.',
    expected: { onTheDay: [], estimateFell: false, realFell: false },
  },
];

export interface Observation {
  fault: Fault;
  /** With the labels of the reference alone, as on the day. */
  before: DriftCheck;
  /** With all labels. */
  after: DriftCheck;
  seen: Seen;
}

/** Trains the model of the demo, makes the weeks and runs the committed drift-check on them. */
export async function observeFaults(folder: string, python: string): Promise<Observation[]> {
  const at = (...parts: string[]): string => join(folder, ...parts);
  await mkdir(at('made'), { recursive: true });
  const env = { ...process.env, MODEL_DIR: at('model'), PARAM_MODEL: 'gradient-boosting' };
  const data = join(example, 'data');
  execFileSync(python, [join(example, 'code/train.py')], {
    env: { ...env, DATA: join(data, '2001-01-train.parquet') },
  });
  execFileSync(python, [join(example, 'demo/faults.py'), data, at('made')], { env });
  const observed: Observation[] = [];
  for (const fault of FAULTS) {
    const before = await check(folder, fault.name, 'known-labels');
    const after = await check(folder, fault.name, 'labels');
    observed.push({ fault, before, after, seen: whatIsSeen(before, after) });
  }
  return observed;
}

async function check(folder: string, name: string, labels: string): Promise<DriftCheck> {
  const at = (...parts: string[]): string => join(folder, ...parts);
  const records = at('records', labels);
  const inputs = {
    name,
    reference: at('made/reference.parquet'),
    data: at('made', `${name}.parquet`),
    labels: at('made', `${labels}.parquet`),
    policy: join(example, 'drift.yaml'),
    chunk: '7d',
    records,
  };
  const words = Object.entries(inputs).flatMap(([key, value]) => [`--${key}`, value]);
  execFileSync(process.execPath, [join(root, 'dist/cli/index.mjs'), 'drift-check', ...words], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [file] = globSync(join(records, name, 'DriftCheck-*.json'));
  return JSON.parse(await readFile(file!, 'utf8')) as DriftCheck;
}

function whatIsSeen(before: DriftCheck, after: DriftCheck): Seen {
  const fell = (record: DriftCheck, source: 'real' | 'estimated'): boolean =>
    record.performance.some((part) => part.source === source && part.status === 'fell');
  return {
    onTheDay: [
      ...before.columns.filter((column) => column.status === 'drifts').map((column) => column.name),
      ...(before.multivariate?.status === 'drifts' ? ['classifier'] : []),
      ...(before.correlations?.status === 'drifts' ? ['correlations'] : []),
    ],
    estimateFell: fell(before, 'estimated'),
    realFell: fell(after, 'real'),
  };
}

export const isAsExpected = ({ fault, seen }: Observation): boolean =>
  [...seen.onTheDay].sort().join() === [...fault.expected.onTheDay].sort().join() &&
  seen.estimateFell === fault.expected.estimateFell &&
  seen.realFell === fault.expected.realFell;

export async function benchmark(): Promise<Benchmark> {
  const title = 'Drift on flights: what is seen on the day, and what only with the labels';
  const python = process.env.MLOPS_TEST_PYTHON;
  if (!python) {
    return { title, table: 'Not run: MLOPS_TEST_PYTHON names no interpreter.', withinLimit: false };
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-flights-faults-'));
  try {
    const observed = await observeFaults(folder, python);
    const page = writePage(observed);
    await writeFile(join(root, 'docs/drift-on-flights.md'), page.text);
    await writeFile(join(root, 'docs/drift-on-flights.svg'), await drawWeeks(observed));
    return { title, table: page.overview, withinLimit: observed.every(isAsExpected) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

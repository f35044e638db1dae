/** Loads both sides, as rows or as profiles, and has them judged. */
import { type Engine, openEngine } from '../../shared/data/engine.ts';
import { type DataFiles, publicNames, whileReading } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { type Assessment, assess, conclude, prepare } from './assess.ts';
import { assessSketches, namesOf, type SketchSide } from './assess-sketches.ts';
import { MOST_CHUNKS } from './chunks.ts';
import type { DriftInputs } from './inputs.ts';
import { columnNotFound, openLabels } from './labels.ts';
import { type LoadedSide, loadSide } from './load.ts';
import { performanceTask, requireBinaryLabels, type resolveMetrics } from './metrics.ts';
import { numberClasses } from './performance/class-columns.ts';
import type { FoundProfile } from './profile-source.ts';
import { findOnTwoThreads, type SecondThread, startSecondThread } from './second-thread.ts';
import type { LineCounts } from './unreadable-lines.ts';

/** Rows from files, or a profile that stands for them. */
export type Source = { files: DataFiles } | { profile: FoundProfile };

export interface Judged {
  assessment: Assessment;
  rows: { reference: number; data: number };
  unreadable: LineCounts;
  approximate: boolean;
  /** Whether labels for rows of the data exist. */
  labelsGiven: boolean;
  subject: string;
  inputs: RecordInput[];
}

export interface Comparison {
  inputs: DriftInputs;
  policy: DriftPolicy;
  metrics: ReturnType<typeof resolveMetrics>;
  importance: Map<string, number>;
  sources: { reference: Source; data: Source };
  labels?: DataFiles;
  locate?: (path: readonly PropertyKey[]) => { file: string; line: number; column: number; key: string };
}

const digestOf = (source: Source) =>
  'files' in source ? source.files.digest : source.profile.record.subject.digest;
const nameOf = (source: Source, given: readonly string[]) =>
  'files' in source ? publicNames(given) : source.profile.name;

/** With less to read a thread takes longer to start than it saves. */
const LARGE_BYTES = 1_000_000;

function isLarge(sources: Comparison['sources']): boolean {
  return Object.values(sources).every((source) => (bytesOf(source) ?? 0) >= LARGE_BYTES);
}

/** Of the files as they lie; undefined where a profile stands for them. */
function bytesOf(source: Source): number | undefined {
  return 'files' in source ? source.files.files.reduce((sum, { bytes }) => sum + bytes, 0) : undefined;
}

/** With more to read one side is forgotten by the engine before it reads the other. */
const MOST_TOGETHER_BYTES = 500_000_000;

function fitTogether(sources: Comparison['sources']): boolean {
  const bytes = Object.values(sources).map((source) => bytesOf(source) ?? 0);
  return bytes.reduce((sum, one) => sum + one, 0) <= MOST_TOGETHER_BYTES;
}

/** @throws what the first threw, else what the second threw, once both have ended. */
async function bothOf<Side>(first: Promise<Side>, second: Promise<Side>): Promise<[Side, Side]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

/** Loads both sides and judges them. @throws UserError for what cannot be compared. */
export async function compare(comparison: Comparison, deps: Deps): Promise<Judged> {
  // It starts while the engine reads the files.
  const second = isLarge(comparison.sources) ? await startSecondThread() : undefined;
  try {
    return await loadAndJudge(comparison, deps, second);
  } finally {
    await second?.end();
  }
}

async function loadAndJudge(
  comparison: Comparison,
  deps: Deps,
  second: SecondThread | undefined,
): Promise<Judged> {
  const { inputs, policy, metrics, sources, labels } = comparison;
  const engine = await openEngine({
    cacheFolder: deps.cacheFolder,
    temporaryFolder: deps.temporaryFolder,
    env: deps.env,
    signal: deps.signal,
    progress: (message) => deps.log.progress(message),
  });
  try {
    const { temporaryFolder } = deps;
    const { columns } = policy;
    const task = performanceTask(policy);
    const labelSource = labels && (await openLabels(engine, labels, columns, temporaryFolder, task));
    const load = async (on: Engine, source: Source, where: 'the reference' | 'the data') =>
      'files' in source
        ? whileReading(source.files, () =>
            loadSide(on, source.files, { where, columns, labels: labelSource, task, temporaryFolder }),
          )
        : source.profile.record;
    const loadReference = () => load(engine, sources.reference, 'the reference');
    const loadData = () => load(engine.beside, sources.data, 'the data');
    const [reference, data] = fitTogether(sources)
      ? await bothOf(loadReference(), loadData())
      : [await loadReference(), await loadData()];
    const recordInputs: RecordInput[] = [
      {
        role: 'reference',
        name: nameOf(sources.reference, inputs.reference),
        digest: digestOf(sources.reference),
      },
      { role: 'data', name: nameOf(sources.data, inputs.data), digest: digestOf(sources.data) },
      ...(labels ? [{ role: 'labels', name: publicNames(inputs.labels!), digest: labels.digest }] : []),
    ];
    // What a profile left out, the action that made it has judged.
    const rejected = (side: SketchSide) => ('table' in side ? side.rejectedLines : 0);
    const unreadable: LineCounts = {
      reference: rejected(reference),
      data: rejected(data),
      labels: labelSource?.rejectedLines ?? 0,
    };
    const shared = { subject: digestOf(sources.data), inputs: recordInputs, unreadable };
    if (!('table' in reference) || !('table' in data)) {
      if (inputs.chunk) {
        throw new UserError('The input chunk cuts rows, and a profile stands for them here.', {
          where: { key: 'inputs.chunk' },
          fix: 'Leave chunk out, or give data files as reference and data.',
        });
      }
      checkPolicyColumns(comparison, namesOf(reference), namesOf(data));
      const assessment = assessSketches(reference, data, {
        policy,
        metrics,
        importance: comparison.importance,
      });
      for (const side of [data, reference]) if ('table' in side) assessment.notes.unshift(...side.notes);
      const rows = (side: typeof reference) => ('table' in side ? side.table.rowCount : side.rowCount);
      return {
        ...shared,
        assessment,
        rows: { reference: rows(reference), data: rows(data) },
        approximate: true,
        labelsGiven: labels !== undefined || hasLabels(data),
      };
    }
    return {
      ...shared,
      ...(await judgeRows(comparison, reference, data, labelSource?.labelled, second)),
      approximate: false,
    };
  } finally {
    engine.close();
  }
}

const hasLabels = (side: SketchSide): boolean =>
  'table' in side && (side.table.labels?.some((label) => !Number.isNaN(label)) ?? false);

/** @param labelled ids that have a label in the file of labels, where there is one. */
async function judgeRows(
  comparison: Comparison,
  reference: LoadedSide,
  data: LoadedSide,
  labelled: number | undefined,
  second: SecondThread | undefined,
) {
  const { policy, metrics, inputs } = comparison;
  numberClasses([reference, data].flatMap(({ table, classes }) => (classes ? [{ table, ...classes }] : [])));
  checkPolicyColumns(comparison, namesOf(reference), namesOf(data));
  for (const side of [reference, data])
    requireBinaryLabels(metrics, side.table.labels, policy.columns.y_true ?? '');
  refuseTooManyChunks(inputs, reference, data);
  const options = {
    policy,
    metrics,
    importance: comparison.importance,
    chunk: inputs.chunk,
    times: reference.times,
    timesNow: data.times,
  };
  const prepared = prepare(reference.table, data.table, options);
  const assessment = second
    ? conclude(prepared, await findOnTwoThreads(prepared, second))
    : assess(reference.table, data.table, options);
  // Labels of the reference alone are those of before: the data's have not come yet. Labels of neither side do not join.
  const areForeign = labelled !== undefined && data.lateLabels === 0 && reference.lateLabels < labelled;
  const foreign = areForeign
    ? [`No label has an id (${policy.columns.id}) of the data: are they labels of other rows?`]
    : [];
  assessment.notes.unshift(...reference.notes, ...data.notes, ...foreign);
  return {
    assessment,
    rows: { reference: reference.table.rowCount, data: data.table.rowCount },
    labelsGiven: (assessment.labelled.data ?? 0) > 0 || areForeign,
  };
}

function refuseTooManyChunks({ chunk }: DriftInputs, reference: LoadedSide, data: LoadedSide): void {
  if (!chunk) return;
  const count = ({ table }: LoadedSide) => {
    const times = table.timestamps;
    const span =
      chunk.by === 'rows' ? table.rowCount : times && times.length > 0 ? times.at(-1)! - times[0]! : 0;
    return Math.ceil(span / chunk.size);
  };
  const chunks = count(reference) + count(data);
  if (chunks <= MOST_CHUNKS) return;
  throw new UserError(
    `The input chunk cuts the rows into about ${chunks} chunks; ${MOST_CHUNKS} are the most.`,
    {
      where: { key: 'inputs.chunk' },
      fix: 'Choose a larger chunk: it must outlast the autocorrelation of the rows anyway.',
    },
  );
}

/** A column that the policy speaks of must be somewhere: a misspelt one would otherwise never be judged. */
function checkPolicyColumns(
  { policy, locate }: Comparison,
  reference: ReadonlySet<string>,
  data: ReadonlySet<string>,
): void {
  const refuse = (name: string, role: string, path: readonly PropertyKey[]) => {
    const error = columnNotFound(name, role, 'the reference', reference);
    throw new UserError(error.message, { where: locate?.(path) ?? error.where, fix: error.fix });
  };
  for (const name of Object.keys(policy.features))
    if (!reference.has(name) && !data.has(name)) refuse(name, 'features', ['features', name]);
  for (const [index, name] of (policy.columns.features ?? []).entries()) {
    if (!reference.has(name)) refuse(name, 'features', ['columns', 'features', index]);
  }
  for (const role of ['y_score', 'y_pred'] as const) {
    const name = policy.columns[role];
    // There it is what the names of several columns begin with.
    if (role === 'y_score' && performanceTask(policy) === 'multiclass') continue;
    if (name && !reference.has(name)) refuse(name, role, ['columns', role]);
  }
}

/** Whether judged rows were trained on. */
import { stat } from 'node:fs/promises';
import { quoteIdentifier } from '../../../shared/data/engine.ts';
import { accessOf, type DataFiles, loadTable, resolveData } from '../../../shared/data/source.ts';
import { UserError } from '../../../shared/errors.ts';
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { formatNumber, formatShare } from '../../../shared/report/numbers.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Inputs } from '../inputs.ts';
import { itemOfNumbers, type Known } from '../judgement/items.ts';
import { limitsOf } from '../policy/rules.ts';
import type { Subject } from '../subject.ts';
import { withEngine } from '../with-engine.ts';
import { type BlockEvidence, blockRule, NO_EVIDENCE, unknown } from './block-rule.ts';

/** The rows that were judged: how many, and the file of their ids beside the record. */
export type JudgedIds = Pick<Evaluation, 'rows' | 'predictions'>;

interface Overlap {
  share: Known;
  inputs: RecordInput[];
  note: string | undefined;
}

/**
 * Compares the ids of the judged rows with those of the training data: that of the input `training-data`, or that
 * which the TrainingRun record of this model names, where it lies here unchanged.
 */
export async function leakageEvidence(
  policy: GatePolicy,
  inputs: Pick<Inputs, 'trainingData'>,
  subject: Subject | undefined,
  judged: JudgedIds,
  deps: Deps,
): Promise<BlockEvidence> {
  const overlap = await findOverlap(policy, inputs, subject, judged, deps);
  const asked = policy.leakage?.training_overlap;
  if (!overlap && !asked) return NO_EVIDENCE;
  const {
    share,
    inputs: read,
    note,
  } = overlap ?? {
    share: unknown('the training data is not known: give training-data, or train with train-on-gpu-runner'),
    inputs: [],
    note: undefined,
  };
  const notes = note === undefined ? [] : [note];
  // What nobody asked for is no gap in the policy when it cannot be told.
  if (share.value === undefined && !asked)
    return {
      items: [],
      inputs: read,
      notes: [...notes, `Whether judged rows were trained on is not known: ${share.why}.`],
    };
  const limits = asked && limitsOf(asked, false).length > 0 ? asked : { ...asked, upper_bound: 0 };
  const rule = blockRule(policy, 'leakage', 'training_overlap', limits);
  const item = { ...itemOfNumbers(rule, undefined, share, null), rows: judged.rows };
  return { items: [item], inputs: read, notes };
}

/** Undefined where no training data is named anywhere. */
async function findOverlap(
  policy: GatePolicy,
  { trainingData }: Pick<Inputs, 'trainingData'>,
  subject: Subject | undefined,
  judged: JudgedIds,
  deps: Deps,
): Promise<Overlap | undefined> {
  if (!judged.predictions) {
    if (!trainingData) return undefined;
    throw new UserError('training-data cannot be compared with metrics: they have no rows.', {
      where: { key: 'inputs.training-data' },
      fix: 'Give predictions instead of metrics, or leave training-data out.',
    });
  }
  const all = (why: string, inputs: RecordInput[]): Overlap => ({ share: { value: 1 }, inputs, note: why });
  const isJudged = (digest: string): boolean => digest === judged.predictions?.dataDigest;
  if (trainingData) {
    const files = await resolveData(trainingData, accessOf(deps));
    const inputs = [inputOf(files)];
    if (hasDigest(files, isJudged))
      return all('The judged rows are the training data itself: both are the same file.', inputs);
    return { ...(await compareIds(policy, files, judged, deps)), inputs };
  }
  const run = subject && (await deps.records.find('TrainingRun', subject.digest));
  if (!run || run.data.length === 0) return undefined;
  const digests = [...run.data, ...run.inputs.filter(({ role }) => role === 'data')].map(
    ({ digest }) => digest,
  );
  if (digests.some(isJudged))
    return all('The judged rows are the training data itself, as the record of the training says.', []);
  const files = await unchangedData(run);
  if (!files) {
    const why =
      'the training data that the record of the training names is not here any more, or has changed';
    return { share: unknown(why), inputs: [], note: undefined };
  }
  return { ...(await compareIds(policy, files, judged, deps)), inputs: [inputOf(files)] };
}

const inputOf = (files: DataFiles): RecordInput => ({
  role: 'training-data',
  name: files.files.map(({ path }) => path).join(', '),
  digest: files.digest,
});

const hasDigest = (data: DataFiles, is: (digest: string) => boolean): boolean =>
  is(data.digest) || data.files.some((file) => is(`sha256:${file.sha256}`));

async function unchangedData(run: TrainingRun): Promise<DataFiles | undefined> {
  const present = await Promise.all(
    run.data.map(({ path, bytes }) =>
      stat(path).then(
        ({ size }) => size === bytes,
        () => false,
      ),
    ),
  );
  if (present.includes(false)) return undefined;
  const files = await resolveData(run.data.map(({ path }) => path));
  const digests = new Set(files.files.map((file) => `sha256:${file.sha256}`));
  return run.data.every(({ digest }) => digests.has(digest)) ? files : undefined;
}

async function compareIds(
  policy: GatePolicy,
  training: DataFiles,
  judged: JudgedIds,
  deps: Deps,
): Promise<Omit<Overlap, 'inputs'>> {
  return withEngine(deps, async (engine) => {
    const names = [policy.columns.id, 'id'].filter((name) => name !== undefined);
    const load = (files: DataFiles, table: string) =>
      loadTable(engine, files, table, { textColumns: names, temporaryFolder: deps.temporaryFolder });
    const { columns } = await load(training, 'training_rows');
    const id = names.find((name) => columns.some((column) => column.name === name));
    if (id === undefined) {
      return { share: unknown(`the training data has no column ${names.join(' or ')}`), note: undefined };
    }
    await load(await resolveData([deps.records.attachmentPath(judged.predictions!.file)]), 'judged_ids');
    const [row] = await engine.rows(
      `SELECT count(*) AS judged, count(*) FILTER (seen) AS found, min(id) FILTER (seen) AS example FROM (
        SELECT DISTINCT id::VARCHAR AS id, id::VARCHAR IN (SELECT ${quoteIdentifier(id)}::VARCHAR FROM training_rows) AS seen FROM judged_ids)`,
    );
    const [found, total] = [Number(row?.found), Number(row?.judged)];
    const note = `${formatNumber(found)} of the ${formatNumber(total)} judged ids (${formatShare(found / total)}) occur in the training data, such as ${row?.example}: on these rows the model may only remember. Ids that merely number the rows of each file need another column as columns.id.`;
    return { share: { value: found / total }, note: found > 0 ? note : undefined };
  });
}

/** Judging by predictions: the challenger's and the champion's, on the same rows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../shared/data/engine.ts';
import { type DataFiles, resolveData } from '../../shared/data/source.ts';
import { UserError } from '../../shared/errors.ts';
import { runPredict } from '../../shared/programs/packaged-model.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { Evaluation } from '../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../shared/records/gate-policy.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { championPredictions } from './champion.ts';
import { compareRows } from './compare-rows.ts';
import { curvesOf } from './curves.ts';
import type { Given } from './inputs.ts';
import type { Item } from './items.ts';
import { exportPredictions, JOINED, joinSides, loadSide, type Side } from './prediction-tables.ts';
import { readRows } from './rows-of-table.ts';
import { emptyPolicy, type Rule, rulesOf } from './rules.ts';
import { flipItems } from './side-rules.ts';
import type { Subject } from './subject.ts';

/** What either way of judging hands to the verdict. */
export interface Evaluated
  extends Pick<Evaluation, 'task' | 'baseline' | 'rows' | 'clusters' | 'curves' | 'predictions' | 'notes'> {
  items: Item[];
  inputs: RecordInput[];
}

interface Question {
  given: Given;
  policy: GatePolicy;
  rules: Rule[];
  hasPolicy: boolean;
  subject: Subject | undefined;
  token: string | undefined;
}

interface Baseline {
  predictions: DataFiles | undefined;
  about: Evaluation['baseline'];
  note: string | undefined;
}

export async function evaluatePredictions(question: Question, deps: Deps): Promise<Evaluated> {
  const { given } = question;
  const data = given.data && (await resolveData(given.data));
  const challenger = await challengerPredictions(question, data, deps);
  const baseline = await findBaseline(question, data, deps);
  const engine = await openEngine({
    cacheFolder: deps.cacheFolder,
    temporaryFolder: deps.temporaryFolder,
    env: deps.env,
    signal: deps.signal,
    progress: deps.log.progress,
  });
  try {
    const compared = await compare(
      engine,
      question,
      { data, challenger, champion: baseline.predictions },
      deps,
    );
    const file = (role: string, files: DataFiles | undefined): RecordInput[] =>
      files ? [{ role, name: files.files.map(({ path }) => path).join(', '), digest: files.digest }] : [];
    return {
      ...compared,
      baseline: baseline.about,
      notes: [...(baseline.note ? [baseline.note] : []), ...compared.notes],
      inputs: [
        ...file('predictions', challenger),
        ...file('baseline-predictions', baseline.predictions),
        ...file('data', data),
      ],
    };
  } finally {
    engine.close();
  }
}

async function challengerPredictions(
  question: Question,
  data: DataFiles | undefined,
  deps: Deps,
): Promise<DataFiles> {
  const { given, subject } = question;
  if (given.predictions) return resolveData(given.predictions);
  if (!subject || !data || given.predictCommand === undefined)
    throw new TypeError('predict-command needs model and data');
  const predictionsPath = join(deps.temporaryFolder, 'challenger', 'predictions.csv');
  const command = given.predictCommand;
  await deps.log.group("The challenger's predictions", () =>
    runPredict({
      command,
      modelDir: subject.path,
      data,
      predictionsPath,
      cwd: '.',
      env: deps.env,
      signal: deps.signal,
      onLine: deps.log.info,
    }),
  );
  return resolveData([predictionsPath]);
}

async function findBaseline(question: Question, data: DataFiles | undefined, deps: Deps): Promise<Baseline> {
  const { given, policy, subject } = question;
  if (given.baselinePredictions) {
    const predictions = await resolveData(given.baselinePredictions);
    const from = given.baselinePredictions.join(', ');
    return { predictions, about: { status: 'compared', from, digest: null, why: '' }, note: undefined };
  }
  const uri = given.baseline ?? policy.baseline?.uri;
  if (uri === undefined) {
    return {
      predictions: undefined,
      about: { status: 'missing', from: null, digest: null, why: 'none is named' },
      note: undefined,
    };
  }
  const champion = await championPredictions(uri, data, question.token, deps);
  if (!champion.found) {
    const about = { status: 'missing', from: uri, digest: champion.digest, why: champion.why } as const;
    return { predictions: undefined, about, note: undefined };
  }
  deps.log.info(`The champion's predictions are those ${champion.how}.`);
  const same = subject !== undefined && champion.digest === subject.digest;
  return {
    predictions: champion.predictions,
    about: { status: 'compared', from: uri, digest: champion.digest, why: '' },
    note: same ? 'The baseline is this very model.' : undefined,
  };
}

interface Files {
  data: DataFiles | undefined;
  challenger: DataFiles;
  champion: DataFiles | undefined;
}

async function compare(
  engine: Engine,
  question: Question,
  files: Files,
  deps: Deps,
): Promise<Omit<Evaluated, 'baseline' | 'inputs'>> {
  const load = (from: DataFiles, table: string, title: string): Promise<Side> =>
    loadSide(engine, from, table, title, question.policy, deps.temporaryFolder);
  const sides = {
    challenger: await load(files.challenger, 'challenger', 'the predictions'),
    champion: files.champion && (await load(files.champion, 'champion', "the baseline's predictions")),
    data: files.data && (await load(files.data, 'judged_data', 'the data')),
  };
  requireNamedColumns(question.policy, Object.values(sides));
  const features = [...new Set(question.rules.flatMap((rule) => rule.featureKeys ?? []))];
  const joined = await joinSides(engine, sides, features);
  const { policy, rules } = question.hasPolicy ? question : await guessTask(engine);
  const rows = await readRows(engine, joined, policy, sides.champion !== undefined);
  const compared = compareRows(rules, rows);
  const exported = join(deps.temporaryFolder, 'predictions.csv');
  await exportPredictions(engine, joined, exported);
  const kept = await deps.records.writeAttachment(await readFile(exported), 'csv');
  return {
    task: policy.task,
    items: [...compared.items, ...flipItems(policy, rows)],
    rows: joined.rowCount,
    clusters: rows.challenger.clusters?.count ?? null,
    curves: policy.task === 'binary' ? curvesOf(rows.champion, rows.challenger) : null,
    predictions: { ...kept, dataDigest: files.data?.digest ?? null },
    notes: [...rows.notes, ...compared.notes],
  };
}

/** Without a policy: labels of 0 and 1 (or false and true) are of a binary task, other numbers of regression. */
async function guessTask(engine: Engine): Promise<{ policy: GatePolicy; rules: Rule[] }> {
  const labels = "('0', '1', '-1', '0.0', '1.0', '-1.0', 'true', 'false')";
  const [row] = await engine.rows(
    `SELECT count(*) AS n FROM ${JOINED} WHERE lower(y_true::VARCHAR) NOT IN ${labels}`,
  );
  const policy = emptyPolicy(Number(row?.n) === 0 ? 'binary' : 'regression');
  return { policy, rules: rulesOf(policy, undefined, false) };
}

/** A column that the policy names must be somewhere: weights or clusters that are silently left out change the verdict. */
function requireNamedColumns(policy: GatePolicy, sides: (Side | undefined)[]): void {
  for (const [role, name] of Object.entries(policy.columns)) {
    if (name === undefined || sides.some((side) => side?.columns.includes(name))) continue;
    // What predict-command writes has the contract's names, whatever the data's are called.
    if (role !== 'sample_weight' && role !== 'cluster' && sides.some((side) => side?.columns.includes(role)))
      continue;
    throw new UserError(`The policy names ${JSON.stringify(name)} as ${role}, and no file has that column.`, {
      where: { key: `columns.${role}` },
      fix: `Columns there: ${[...new Set(sides.flatMap((side) => side?.columns ?? []))].slice(0, 30).join(', ')}.`,
    });
  }
}

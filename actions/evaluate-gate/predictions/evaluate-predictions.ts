/** Judging by predictions: the challenger's and the champion's, on the same rows. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Engine, openEngine, quoteText } from '../../../shared/data/engine.ts';
import { accessOf, type DataFiles, resolveData } from '../../../shared/data/source.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { churnItems } from '../blocks/churn.ts';
import { fairnessEvidence, sensitiveFeatures } from '../blocks/fairness.ts';
import { exploreFeatures, readExplored } from '../discovery/explored-features.ts';
import { findWeakSlices } from '../discovery/weak-slices.ts';
import type { Item } from '../judgement/items.ts';
import type { Rule } from '../policy/rules.ts';
import { guessTask, requireNamedColumns } from './asked-columns.ts';
import { compareRows } from './compare-rows.ts';
import { confusionNotes, confusionOf } from './confusion-matrix.ts';
import { curvesOf } from './curves.ts';
import { exportQuery, JOINED, joinSides, type Sides } from './join-sides.ts';
import { naiveErrorOfSeries, SCALED_ERROR } from './naive-error.ts';
import { type Asked, challengerPredictions, findBaseline } from './prediction-files.ts';
import { loadRuns, loadSide } from './prediction-tables.ts';
import { type JudgedRows, readRows } from './rows-of-table.ts';
import { suggestThreshold } from './threshold.ts';
import { copyPredictions } from './untrusted-predictions.ts';

/** What only predictions tell. */
type FromPredictions = Pick<
  Evaluation,
  'curves' | 'confusion' | 'fairnessGroups' | 'weakSlices' | 'thresholdSuggestion' | 'predictions'
>;

export const NOTHING_FROM_PREDICTIONS: FromPredictions = {
  curves: null,
  confusion: null,
  fairnessGroups: [],
  weakSlices: null,
  thresholdSuggestion: null,
  predictions: null,
};

/** What either way of judging hands to the verdict. */
export interface Evaluated
  extends FromPredictions,
    Pick<Evaluation, 'task' | 'baseline' | 'rows' | 'clusters' | 'observations' | 'shownSeed' | 'notes'> {
  items: Item[];
  inputs: RecordInput[];
}

interface Question extends Asked {
  rules: Rule[];
  hasPolicy: boolean;
  /** Where a key of the policy stands. */
  locate: PositionedDocument<GatePolicy>['locate'] | undefined;
}

export async function evaluatePredictions(question: Question, deps: Deps): Promise<Evaluated> {
  const { given, policy } = question;
  const data = given.data && (await resolveData(given.data, accessOf(deps)));
  const challenger = await challengerPredictions(question, data, deps);
  const baseline = await findBaseline(question, data, deps);
  const training =
    given.trainingData && policy.task === 'forecasting'
      ? await resolveData(given.trainingData, accessOf(deps))
      : undefined;
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
      { data, challenger, champion: baseline.predictions, training },
      deps,
    );
    // What a command or a registry wrote into the temporary folder is found again by its digest, not by that path.
    const nameOf = ({ path }: { path: string }) =>
      path.startsWith(join(deps.temporaryFolder, '/')) ? basename(path) : path;
    const file = (role: string, files: DataFiles | undefined): RecordInput[] =>
      files ? [{ role, name: files.files.map(nameOf).join(', '), digest: files.digest }] : [];
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

interface Files {
  /** What forecasts are scaled by. */
  training: DataFiles | undefined;
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
  const [asked, folder] = [question.policy, deps.temporaryFolder];
  const load = { data: 'judged_data', challenger: 'challenger', champion: 'champion' };
  const data = files.data && (await loadSide(engine, files.data, load.data, 'the data', asked, folder));
  const readable =
    question.given.untrusted && data
      ? await copyPredictions(files.challenger, asked, data.rowCount, folder)
      : { files: files.challenger, notes: [] };
  const sides: Sides = {
    challenger: (
      await loadRuns(engine, readable.files, load.challenger, 'the predictions', asked, folder)
    ).map((side) => ({ ...side, file: files.challenger.files[0]!.path })),
    champion:
      files.champion &&
      (await loadRuns(engine, files.champion, load.champion, "the baseline's predictions", asked, folder)),
    data,
  };
  requireNamedColumns(asked, sides);
  const features = [
    ...new Set([...question.rules.flatMap((rule) => rule.featureKeys ?? []), ...sensitiveFeatures(asked)]),
  ];
  const explored = await exploreFeatures(
    engine,
    { challenger: sides.challenger[0]!, champion: sides.champion?.[0], data: sides.data },
    asked,
  );
  const expressions = explored.columns.map(({ sql }) => sql);
  const joined = await joinSides(engine, sides, { features, expressions }, asked);
  const { policy, rules } = question.hasPolicy ? question : await guessTask(engine, joined);
  const needsNaiveError = rules.some(({ name }) => name === SCALED_ERROR);
  const naiveError =
    needsNaiveError && files.training
      ? await naiveErrorOfSeries(engine, files.training, policy, folder)
      : undefined;
  const rows = await readRows(engine, joined, policy, naiveError);
  const exploredFeatures = await readExplored(
    engine,
    JOINED,
    explored.columns.map(({ name, labels }, index) => ({ name, labels, column: joined.further[index]! })),
  );
  const exported = join(folder, 'predictions.csv');
  const exporting = engine.run(
    `COPY (${exportQuery(joined, policy)}) TO ${quoteText(exported)} (FORMAT csv, HEADER)`,
  );
  const [seed] = joined.seeds;
  const shownSeed = seed === undefined ? undefined : { seed, of: joined.seeds.length };
  const found = await whileWaiting(exporting, () => {
    const compared = compareRows(rules, rows);
    const fairness = fairnessEvidence(policy, question.locate, rows);
    return {
      task: policy.task,
      items: [...compared.items, ...fairness.items, ...churnItems(policy, rows)],
      rows: joined.rowCount,
      clusters: rows.challenger.clusters?.count ?? null,
      observations: rows.observations,
      shownSeed,
      curves: policy.task === 'binary' ? curvesOf(rows.champion, rows.challenger, policy.threshold) : null,
      confusion: confusionOf(rows.champion, rows.challenger, rows.labels),
      fairnessGroups: fairness.groups,
      weakSlices: findWeakSlices(policy, {
        champion: rows.champion,
        challenger: rows.challenger,
        features: exploredFeatures,
        hasLabels: 'y_pred' in joined.challenger[0]! || policy.threshold !== undefined,
      }),
      thresholdSuggestion: suggestThreshold(policy, rows.challenger),
      notes: [
        ...readable.notes,
        ...rows.notes,
        ...seedNotes(rows, shownSeed),
        ...compared.notes,
        ...confusionNotes(rows.challenger, rows.labels),
        ...fairness.notes,
        ...explored.notes,
      ],
    };
  });
  const kept = await deps.records.writeAttachment(await readFile(exported), 'csv');
  return { ...found, predictions: { ...kept, dataDigest: files.data?.digest ?? null } };
}

/** Metrics are means over all training runs; what shows single rows can be of one only. */
function seedNotes({ seeds }: JudgedRows, shown: Evaluation['shownSeed']): string[] {
  if (!seeds) return [];
  const what = 'Curves, confusion matrix, changed decisions, weak slices and threshold';
  const champions = seeds.champion?.length ?? 1;
  return [
    ...(shown ? [`${what} are of seed ${shown.seed}, the first of ${shown.of}.`] : []),
    ...(champions > 1 ? [`Of the champion they are of the first of its ${champions} seeds.`] : []),
  ];
}

/** The engine writes with threads of its own while this one computes. */
async function whileWaiting<Result>(work: Promise<void>, compute: () => Result): Promise<Result> {
  try {
    return compute();
  } finally {
    await work;
  }
}

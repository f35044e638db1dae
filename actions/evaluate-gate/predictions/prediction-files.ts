/** Where the predictions of either model come from. */
import { join } from 'node:path';
import { accessOf, type DataFiles, publicNames, resolveData } from '../../../shared/data/source.ts';
import { runPredict } from '../../../shared/programs/packaged-model.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import type { Subject } from '../subject.ts';
import { championPredictions } from './champion.ts';
import { resolveUntrusted } from './untrusted-predictions.ts';

export interface Asked {
  given: Given;
  policy: GatePolicy;
  subject: Subject | undefined;
  token: string | undefined;
}

export interface Baseline {
  predictions: DataFiles | undefined;
  about: Evaluation['baseline'];
  note: string | undefined;
}

/** The files to judge: as given, or made now by the `predict-command`. */
export async function challengerPredictions(
  question: Asked,
  data: DataFiles | undefined,
  deps: Deps,
): Promise<DataFiles> {
  const { given, subject } = question;
  if (given.predictions)
    return given.untrusted
      ? resolveUntrusted(given.predictions)
      : resolveData(given.predictions, accessOf(deps));
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

/** What the challenger is compared with, or why there is nothing. */
export async function findBaseline(
  question: Asked,
  data: DataFiles | undefined,
  deps: Deps,
): Promise<Baseline> {
  const { given, policy, subject } = question;
  if (given.baselinePredictions) {
    const predictions = await resolveData(given.baselinePredictions, accessOf(deps));
    const from = publicNames(given.baselinePredictions);
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
    note: same
      ? 'The baseline is this very model.'
      : champion.onOtherData
        ? 'The champion was judged on other data when it was registered, so its own packaged code predicted these rows now.'
        : undefined,
  };
}

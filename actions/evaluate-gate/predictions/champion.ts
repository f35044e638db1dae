/**
 * The champion's predictions: those stored with it when they were made on the very same data, else made now by its
 * own packaged code in its own environment, never by the code of the pull request.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataFiles, formatOf, resolveData } from '../../../shared/data/source.ts';
import { runPredict } from '../../../shared/programs/packaged-model.ts';
import { preparePythonEnvironment } from '../../../shared/programs/python-environment.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import {
  PREDICTIONS_ROLE,
  readAttachedRecord,
  readPackagedModel,
} from '../../../shared/registries/packaged-model.ts';
import type { Registry, Version } from '../../../shared/registries/registry.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { findVersion } from '../subject.ts';

export type Champion =
  | { found: true; predictions: DataFiles; digest: string | null; how: string; onOtherData: boolean }
  | { found: false; digest: string | null; why: string };

/**
 * @param uri of the baseline. @param data the rows to judge; undefined when only predictions were given.
 */
export async function championPredictions(
  uri: string,
  data: DataFiles | undefined,
  token: string | undefined,
  deps: Deps,
): Promise<Champion> {
  const { registry, version } = await findVersion(uri, 'baseline', token, deps);
  if (!version) return { found: false, digest: null, why: `the registry has no ${uri}` };
  const folder = join(deps.temporaryFolder, 'champion');
  const missing = (why: string): Champion => ({ found: false, digest: version.digest, why });
  if (!data) {
    return missing('which rows were judged is not known, since the input data is not given');
  }
  const evaluation = await readAttachedRecord(registry, version.digest, 'Evaluation');
  const found = (predictions: DataFiles, how: string, onOtherData: boolean): Champion => {
    return { found: true, predictions, digest: version.digest, how, onOtherData };
  };
  const stored = await storedPredictions(registry, version, evaluation, data, folder);
  if (stored) return found(stored, 'stored with it', false);
  const made = await makePredictions(registry, version, data, folder, deps);
  const judgedOn = evaluation?.predictions?.dataDigest ?? null;
  const onOtherData = judgedOn !== null && judgedOn !== data.digest;
  if (made) return found(made, 'made now by its own packaged code', onOtherData);
  const reason = onOtherData ? 'was judged on other data' : 'has no predictions stored with it';
  return missing(`the champion ${reason} and packages no predict-command`);
}

async function storedPredictions(
  registry: Registry,
  version: Version,
  evaluation: Evaluation | undefined,
  data: DataFiles,
  folder: string,
): Promise<DataFiles | undefined> {
  const { predictions } = evaluation ?? {};
  if (!predictions || predictions.dataDigest !== data.digest) return undefined;
  const files = await registry.attachments(version.digest, PREDICTIONS_ROLE);
  const file = files.find((candidate) => candidate.digest === predictions.digest);
  if (!file || formatOf(file.name) === undefined) return undefined;
  const path = join(folder, 'stored', predictions.file);
  await mkdir(join(folder, 'stored'), { recursive: true });
  await file.save(path);
  return resolveData([path]);
}

async function makePredictions(
  registry: Registry,
  version: Version,
  data: DataFiles,
  folder: string,
  deps: Deps,
): Promise<DataFiles | undefined> {
  const packaged = await readPackagedModel(registry, version, folder);
  if (packaged.predictCommand === undefined) return undefined;
  const { predictCommand, requirements } = packaged;
  const { signal } = deps;
  const environment =
    requirements === undefined
      ? undefined
      : await preparePythonEnvironment({
          requirements,
          cacheFolder: deps.cacheFolder,
          progress: deps.log.progress,
          signal,
          env: deps.env,
        });
  const predictionsPath = join(folder, 'predictions.csv');
  await deps.log.group("The champion's predictions", () =>
    runPredict({
      command: predictCommand,
      modelDir: packaged.modelFolder,
      data,
      predictionsPath,
      cwd: packaged.codeFolder,
      env: deps.env,
      bin: environment?.bin,
      signal,
      onLine: deps.log.info,
    }),
  );
  return resolveData([predictionsPath]);
}

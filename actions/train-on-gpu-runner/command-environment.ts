import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { dataVariable, linkFiles } from '../../shared/programs/data-folder.ts';
import { type Params, paramVariables, valueText } from './params.ts';

export interface CommandWorld {
  /** MODEL_DIR */
  model: string;
  /** METRICS_FILE */
  metrics: string;
  /** CHECKPOINT_DIR */
  checkpoints: string;
  /** SM_OUTPUT_DATA_DIR: results beside the model. */
  output: string;
  /** For links and parameter files; removed at the end. */
  temporaryFolder: string;
  data: readonly { path: string }[];
  params: Params;
  gpuCount: number;
  /** SEED, and Python's PYTHONHASHSEED: without it the order of its sets differs from run to run. */
  seed?: number | undefined;
  /** Variables besides, e.g. MLFLOW_RUN_ID; none of them takes the place of one that is named here. */
  env?: Readonly<Record<string, string>>;
}

/** What a job of several machines finds in these, so that a command for several runs on one. */
const ONE_MACHINE = {
  SM_CURRENT_HOST: 'localhost',
  SM_HOSTS: '["localhost"]',
  SM_HOST_COUNT: '1',
  SM_CURRENT_HOST_RANK: '0',
  SM_MASTER_ADDR: 'localhost',
  SM_MASTER_PORT: '7777',
};

/** For whatever backend: what a seed is to a command. @param seed 0 to 4,294,967,295, as Python takes it. */
export function seedVariables(seed: number): Record<string, string> {
  return { SEED: String(seed), PYTHONHASHSEED: String(seed) };
}

/**
 * The variables that a training command reads: the project's own and, so that the same script runs as a SageMaker
 * job, SageMaker's. Makes the folders and files that they name.
 */
export async function commandVariables(world: CommandWorld): Promise<Record<string, string | undefined>> {
  const { params, temporaryFolder } = world;
  const paramsFile = resolve(temporaryFolder, 'params.json');
  await mkdir(world.output, { recursive: true });
  await mkdir(world.checkpoints, { recursive: true });
  await writeFile(paramsFile, JSON.stringify(params));
  const hasData = world.data.length > 0;
  // SageMaker's channels are folders even when there is one file.
  const channel = hasData ? await linkFiles(world.data, join(temporaryFolder, 'channel')) : undefined;
  const hyperparameters = Object.entries(params).map(([name, value]) => [name, valueText(value)]);
  const seed = world.seed === undefined ? {} : seedVariables(world.seed);
  return {
    ...world.env,
    ...seed,
    MODEL_DIR: resolve(world.model),
    METRICS_FILE: resolve(world.metrics),
    CHECKPOINT_DIR: resolve(world.checkpoints),
    DATA: hasData ? await dataVariable(world.data, join(temporaryFolder, 'data')) : undefined,
    PARAMS_FILE: paramsFile,
    ...paramVariables(params),
    SM_MODEL_DIR: resolve(world.model),
    SM_OUTPUT_DATA_DIR: resolve(world.output),
    SM_CHANNEL_TRAINING: channel,
    SM_CHANNEL_TRAIN: channel,
    SM_HPS: JSON.stringify(Object.fromEntries(hyperparameters)),
    SM_NUM_CPUS: String(cpus().length),
    SM_NUM_GPUS: String(world.gpuCount),
    ...ONE_MACHINE,
  };
}

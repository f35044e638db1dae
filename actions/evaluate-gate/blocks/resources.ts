/** Size, cost, energy and time of training: plain numbers without sampling error, judged on the point. */
import type { RecordInput } from '../../../shared/records/envelope.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import type { ModelVersion } from '../../../shared/records/model-version.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { readAttachedRecord } from '../../../shared/registries/packaged-model.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Inputs } from '../inputs.ts';
import { itemOfNumbers, type Known } from '../judgement/items.ts';
import { type MetricsSide, readSide } from '../metrics-files/read-side.ts';
import { findVersion, type Subject } from '../subject.ts';
import {
  type BlockEvidence,
  baselineUri,
  blockRule,
  NO_EVIDENCE,
  namesBaseline,
  unknown,
} from './block-rule.ts';

type Resource = keyof NonNullable<GatePolicy['resources']>;
const RESOURCES: readonly Resource[] = ['model_size_mb', 'cost_usd', 'energy_kwh', 'training_seconds'];

/** What is known of one model; each undefined where there is none, with the words for it. */
interface Sources {
  bytes: number | undefined;
  whyNoBytes: string;
  metrics: MetricsSide | undefined;
  training: TrainingRun | undefined;
  whyNoTraining: string;
}

/** @param subject the judged model; undefined when it is not given. */
export async function resourceEvidence(
  policy: GatePolicy,
  inputs: Inputs,
  subject: Subject | undefined,
  deps: Deps,
): Promise<BlockEvidence> {
  const limited = RESOURCES.filter((name) => policy.resources?.[name]);
  if (limited.length === 0) return NO_EVIDENCE;
  const ofTraining = limited.some((name) => name !== 'model_size_mb');
  const challenger = await challengerSources(inputs, subject, ofTraining, deps);
  const champion = await championSources(policy, inputs, ofTraining, deps);
  return {
    items: limited.map((name) =>
      itemOfNumbers(
        blockRule(policy, 'resources', name, policy.resources![name]!),
        champion && resourceOf(name, champion),
        resourceOf(name, challenger),
        null,
      ),
    ),
    inputs: [
      trainingInput('training-run', challenger.training),
      trainingInput('baseline-training-run', champion?.training),
    ].flat(),
    notes: [],
  };
}

function resourceOf(name: Resource, from: Sources): Known {
  if (name === 'model_size_mb')
    return from.bytes === undefined ? unknown(from.whyNoBytes) : { value: from.bytes / 1e6 };
  const written = from.metrics?.runs.flatMap(({ numbers }) => numbers.get(name)?.value ?? []) ?? [];
  // Trainings with several seeds: what one of them takes on average.
  if (written.length > 0)
    return finite(written.reduce((sum, value) => sum + value, 0) / written.length, 'the metrics file');
  if (!from.training) return unknown(from.whyNoTraining);
  const own = from.training.metrics[name];
  if (own !== undefined) return finite(Number(own), 'its TrainingRun record');
  if (name === 'training_seconds') return { value: from.training.durationSeconds };
  return unknown(`its training reported no ${name}`);
}

function finite(value: number, whose: string): Known {
  if (Number.isFinite(value)) return { value };
  return { value: undefined, why: `${whose} says ${value}`, isNaN: true };
}

async function challengerSources(
  inputs: Inputs,
  subject: Subject | undefined,
  ofTraining: boolean,
  deps: Deps,
): Promise<Sources> {
  return {
    bytes: subject?.bytes,
    whyNoBytes: 'the input model is not given',
    metrics: ofTraining && inputs.metrics ? await readSide(inputs.metrics, 'metrics', deps) : undefined,
    training: ofTraining && subject ? await deps.records.find('TrainingRun', subject.digest) : undefined,
    whyNoTraining: subject
      ? `${deps.records.path} holds no TrainingRun record of this model`
      : 'the input model is not given, so its training is not known',
  };
}

/** The champion's, from what the registry keeps with it. @returns undefined where there is no baseline at all. */
async function championSources(
  policy: GatePolicy,
  inputs: Inputs,
  ofTraining: boolean,
  deps: Deps,
): Promise<Sources | undefined> {
  if (!namesBaseline(policy, inputs)) return undefined;
  const found = await championRecords(baselineUri(policy, inputs), inputs.githubToken, deps);
  const { baselineMetrics } = inputs;
  return {
    bytes: found.version?.files?.bytes,
    whyNoBytes: found.why || 'the registry keeps no record of its size',
    metrics:
      ofTraining && baselineMetrics ? await readSide(baselineMetrics, 'baseline-metrics', deps) : undefined,
    training: found.training,
    whyNoTraining: found.why || 'the registry keeps no TrainingRun record with it',
  };
}

interface ChampionRecords {
  version: ModelVersion | undefined;
  training: TrainingRun | undefined;
  /** Why there can be none; empty where the registry was asked. */
  why: string;
}

async function championRecords(
  uri: string | undefined,
  token: string | undefined,
  deps: Deps,
): Promise<ChampionRecords> {
  const none = (why: string): ChampionRecords => ({ version: undefined, training: undefined, why });
  if (uri === undefined) return none('the baseline is no model in a registry');
  const { registry, version } = await findVersion(uri, 'baseline', token, deps);
  if (!version) return none(`the registry has no ${uri}`);
  return {
    version: await readAttachedRecord(registry, version.digest, 'ModelVersion'),
    training: await readAttachedRecord(registry, version.digest, 'TrainingRun'),
    why: '',
  };
}

const trainingInput = (role: string, run: TrainingRun | undefined): RecordInput[] =>
  run ? [{ role, name: `TrainingRun of ${run.createdAt}`, digest: run.subject.digest }] : [];

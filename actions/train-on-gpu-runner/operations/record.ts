/** The record of a training. */
import type { HashedModel } from '../../../shared/models/digest.ts';
import { recordHead } from '../../../shared/records/envelope.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { TrainingOutcome } from '../backends/backend.ts';
import type { Given } from '../inputs.ts';
import type { ReadMetrics } from '../metrics.ts';
import type { TrackingEnd } from '../tracking/tracking-run.ts';
import type { WatchResults } from '../watch/watch-options.ts';
import { outcomeName } from './outcome.ts';
import type { Prepared } from './prepare.ts';

export interface RecordParts {
  given: Given;
  prepared: Pick<Prepared, 'command' | 'params' | 'data' | 'inputs' | 'mask'>;
  ended: TrainingOutcome;
  watched: WatchResults;
  /** The model, or why there is none. */
  model: HashedModel | string;
  read: ReadMetrics;
  environment: TrainingRun['environment'];
  checkpoints: TrainingRun['checkpoints'];
  more: Pick<TrainingRun, 'cost' | 'tracking' | 'reproduction' | 'rules'>;
}

export function trainingRecord(
  parts: RecordParts,
  { source, now }: Pick<Deps, 'source' | 'now'>,
): TrainingRun {
  const { given, prepared, ended, watched, model, read } = parts;
  const { mask, data, inputs } = prepared;
  const failed = typeof model === 'string';
  const { stoppedBy } = watched;
  const early = stoppedBy?.rule === 'early-stop' ? `${stoppedBy.reason} ` : '';
  const reason = failed
    ? model
    : `${early}The command succeeded and wrote a model of ${model.files.length} files.`;
  return {
    ...recordHead('TrainingRun', {
      ...{ name: given.name, source, createdAt: now(), inputs },
      subject: failed ? data.digest : model.digest,
      verdict: failed ? 'fail' : 'pass',
      reason: mask(reason),
    }),
    backend: given.backend,
    command: mask(prepared.command),
    params: maskParams(prepared.params, mask),
    outcome: outcomeName(ended, stoppedBy, !failed),
    exitCode: ended.exitCode,
    exitSignal: ended.exitSignal,
    durationSeconds: ended.durationSeconds,
    timeoutSeconds: given.timeout === undefined ? null : given.timeout / 1000,
    model: failed ? null : modelOf(model, given.modelDir),
    metrics: read.metrics,
    metricsProblem: read.problem,
    data: data.files.map(({ path, bytes, sha256 }) => ({ path, bytes, digest: `sha256:${sha256}` })),
    checkpoints: parts.checkpoints,
    environment: parts.environment,
    resources: watched.resources,
    history: watched.history,
    warnings: watched.warnings.map((warning) => ({ ...warning, message: mask(warning.message) })),
    stoppedBy,
    energy: watched.energy,
    job: ended.job,
    ...parts.more,
    outputTail: watched.tail.map(mask),
  };
}

const modelOf = ({ digest, files }: HashedModel, path: string): NonNullable<TrainingRun['model']> => ({
  ...{ digest, path, fileCount: files.length },
  bytes: files.reduce((sum, file) => sum + file.size, 0),
});

function maskParams(params: TrainingRun['params'], mask: (text: string) => string): TrainingRun['params'] {
  return JSON.parse(JSON.stringify(params), (_key, value) =>
    typeof value === 'string' ? mask(value) : value,
  );
}

/** What MLflow learns at the end. */
export const trackingEnd = ({ outcome, metrics, model, ...record }: TrainingRun): TrackingEnd => ({
  ...{ outcome, metrics },
  ...(model && { tags: { 'mlops.model.digest': model.digest } }),
  artifacts: [recordArtifact({ ...record, outcome, metrics, model })],
});

function recordArtifact(record: TrainingRun): NonNullable<TrackingEnd['artifacts']>[number] {
  const bytes = new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`);
  return { name: 'records/TrainingRun.json', bytes };
}

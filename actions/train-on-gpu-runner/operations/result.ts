/** What a training left: its model, or why there is none. */
import { resolve } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { HashedModel } from '../../../shared/models/digest.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import { collectModel, keepOutput } from '../results.ts';
import type { TrackingRun } from '../tracking/tracking-run.ts';
import type { Workspace } from '../workspace.ts';
import type { Followed } from './follow.ts';
import { failureOf } from './outcome.ts';
import { placesIn } from './prepare.ts';

/** The model under its name; or why there is none. */
export async function collectResult(
  given: Given,
  { ended, watched }: Followed,
  { workspace, deps }: { workspace: Workspace; deps: Pick<Deps, 'log' | 'signal'> },
): Promise<HashedModel | string> {
  const model =
    failureOf(ended, watched.stoppedBy, given.timeout) ?? (await collectModel(workspace.model, deps.signal));
  if (typeof model === 'string') return model;
  await workspace.publish();
  if (await keepOutput(placesIn(workspace).output, `${resolve(given.modelDir)}.output`))
    deps.log.info(`What the command wrote beside the model is in ${given.modelDir}.output.`);
  return model;
}

/** A run of MLflow has its end whatever becomes of the work. */
export async function trackedBy<Result>(
  tracking: TrackingRun | undefined,
  { signal }: Pick<Deps, 'signal'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await tracking?.finish({ outcome: signal.aborted ? 'cancelled' : 'failed', metrics: {} });
    throw error;
  }
}

export function cancelled(goesOn: boolean): UserError {
  return new UserError('The training was cancelled.', {
    fix: goesOn
      ? 'Run the job again: it goes on from the checkpoints.'
      : 'Run the job again; with checkpoint-dir it could go on from where it was.',
  });
}

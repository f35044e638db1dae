/** What came of a training, in the words of the record. */
import type { StoppedBy } from '../../../shared/records/stop-rules.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { TrainingOutcome } from '../backends/backend.ts';

/** @param hasModel whether the command left one. */
export function outcomeName(
  ended: TrainingOutcome,
  stoppedBy: StoppedBy | null,
  hasModel: boolean,
): TrainingRun['outcome'] {
  if (ended.cancelled) return 'cancelled';
  if (stoppedBy?.rule === 'early-stop') return 'stopped-early';
  if (stoppedBy?.rule === 'stall-timeout') return 'stalled';
  if (stoppedBy?.rule === 'budget') return 'over-budget';
  if (ended.interrupted) return 'interrupted';
  if (ended.timedOut) return 'timed-out';
  return hasModel ? 'succeeded' : 'failed';
}

/** Why there is no model to look for; undefined when there may be one. */
export function failureOf(
  ended: TrainingOutcome,
  stoppedBy: StoppedBy | null,
  timeoutMs: number | undefined,
): string | undefined {
  // Whoever ends early by a rule saves what it has; of a job the archive tells whether it did.
  if (stoppedBy?.rule === 'early-stop') {
    if (ended.exitCode === 0 || ended.job) return undefined;
    return `${stoppedBy.reason} Asked to end (SIGINT), the command did not end well (exit status ${ended.exitCode}): let it save its model then.`;
  }
  if (stoppedBy) return stoppedBy.reason;
  if (ended.failure) return ended.failure;
  if (ended.interrupted)
    return 'The machine was taken away. Run the job again: it goes on from the checkpoints.';
  if (ended.timedOut)
    return `The command was ended after its time of ${Math.round((timeoutMs ?? 0) / 1000)} s.`;
  if (ended.exitSignal) return `The command was ended by ${ended.exitSignal}${memoryHint(ended.exitCode)}.`;
  if (ended.exitCode !== 0)
    return `The command ended with exit status ${ended.exitCode}${memoryHint(ended.exitCode)}.`;
  return undefined;
}

function memoryHint(exitCode: number): string {
  return exitCode === 137 ? ' (killed, often because the memory was full)' : '';
}

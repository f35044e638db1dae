/** `trainer_state.json` of the Hugging Face Trainer: a history that may itself say which step was the best. */
import { addPoint, type History, lastStepNote, numbersAt } from '../history.ts';
import { asObject, documentOf, type MetricsFormat } from '../metrics-format.ts';

export const trainerState: MetricsFormat = {
  name: 'Hugging Face trainer state',
  recognises: (file) => Array.isArray(documentOf(file)?.log_history),
  read(file) {
    const document = documentOf(file)!;
    const history: History = new Map();
    for (const [index, item] of (document.log_history as unknown[]).entries()) {
      const entry = asObject(item) ?? {};
      const step = typeof entry.step === 'number' ? entry.step : index;
      for (const [key, value] of Object.entries(entry)) {
        if (key !== 'step' && key !== 'epoch' && typeof value === 'number')
          addPoint(history, key, { step, value });
      }
    }
    const best = bestStep(document);
    const numbers = numbersAt(history, best);
    if (best === undefined) {
      return { numbers, notes: history.size > 0 ? [lastStepNote(file.path, history, 'step')] : [] };
    }
    const chosenBy = [...numbers].find(([, { value }]) => value === document.best_metric)?.[0];
    const reason = chosenBy === undefined ? '' : `, chosen by ${chosenBy}`;
    return {
      numbers,
      notes: [`${file.path} is a history: its values at the trainer's best step ${best} are judged${reason}`],
    };
  },
};

/** Older versions name only the checkpoint, whose folder ends in its step. */
function bestStep(document: Record<string, unknown>): number | undefined {
  if (typeof document.best_global_step === 'number') return document.best_global_step;
  const checkpoint = document.best_model_checkpoint;
  const step = typeof checkpoint === 'string' ? /checkpoint-(\d+)$/.exec(checkpoint)?.[1] : undefined;
  return step === undefined ? undefined : Number(step);
}

/** Which metric two trainings are compared by. Loaded where it is asked: the catalogue of metrics is large. */
import { findMetric } from '../../../shared/metrics/catalogue.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';

export interface PrimaryMetric {
  name: string;
  better: 'higher' | 'lower';
}

/** Words that say "lower is better" in the names of metrics that are no metric of the catalogue. */
const LOWER = /(^|[_.\-/])(loss|error|err|perplexity|ppl|wer|cer)([_.\-/]|$)/i;

/**
 * The metric by which two trainings are compared: the one that `early-stop` follows, or else the only one of the
 * metrics of which it is known whether higher is better. Undefined where that is none or several.
 */
export function primaryMetric(
  metrics: TrainingRun['metrics'],
  followed?: { monitor: string; mode: 'min' | 'max' },
): PrimaryMetric | undefined {
  if (followed !== undefined && followed.monitor in metrics) {
    return { name: followed.monitor, better: followed.mode === 'max' ? 'higher' : 'lower' };
  }
  const known = Object.keys(metrics).flatMap((name): PrimaryMetric[] => {
    const better = directionOf(name);
    return better ? [{ name, better }] : [];
  });
  return known.length === 1 ? known[0] : undefined;
}

function directionOf(name: string): 'higher' | 'lower' | undefined {
  const found = findMetric(name);
  if (found) return found.negated ? 'higher' : found.definition.direction;
  return LOWER.test(name) ? 'lower' : undefined;
}

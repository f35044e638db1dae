/** Every format that is read, the more particular first: a file is of the first one that recognises its content. */
import { UserError } from '../../../shared/errors.ts';
import { classificationReport } from './formats/classification-report.ts';
import { kerasHistory, kerasLog, lightningMetrics, plainTable } from './formats/histories.ts';
import { lmEvalResults } from './formats/lm-eval-results.ts';
import { lmEvalSamples } from './formats/lm-eval-samples.ts';
import { mlflowRun } from './formats/mlflow-run.ts';
import { huggingFaceResults, nestedScalars } from './formats/nested-scalars.ts';
import { promptfooResults } from './formats/promptfoo.ts';
import { sagemakerEvaluation } from './formats/sagemaker.ts';
import { trainerState } from './formats/trainer-state.ts';
import type { MetricsFile, MetricsFormat } from './metrics-format.ts';

const FORMATS: readonly MetricsFormat[] = [
  lmEvalResults,
  promptfooResults,
  trainerState,
  mlflowRun,
  classificationReport,
  sagemakerEvaluation,
  kerasHistory,
  huggingFaceResults,
  lmEvalSamples,
  lightningMetrics,
  kerasLog,
  plainTable,
  nestedScalars,
];

export const formatOf = (file: MetricsFile): MetricsFormat | undefined =>
  FORMATS.find((format) => format.recognises(file));

/** @throws UserError naming what can be read. */
export function requireFormat(file: MetricsFile): MetricsFormat {
  const format = formatOf(file);
  if (format) return format;
  throw new UserError(`${file.path} is of no known format of metrics.`, {
    where: { file: file.path },
    fix: `Readable are ${FORMATS.map(({ name }) => name).join(', ')}.`,
  });
}

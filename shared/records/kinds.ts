/** Every kind of record with its schema: the one list that readers, writers and `schemas/` go by. */
import type * as z from 'zod';
import { dataProfileSchema } from './data-profile.ts';
import { dataValidationSchema } from './data-validation.ts';
import { deploymentSchema } from './deployment.ts';
import { driftCheckSchema } from './drift-check.ts';
import { evaluationSchema } from './evaluation.ts';
import { gpuRunnerSchema } from './gpu-runner.ts';
import { modelVersionSchema } from './model-version.ts';
import { trainingRunSchema } from './training-run.ts';

export const recordSchemas = {
  DataProfile: dataProfileSchema,
  DataValidation: dataValidationSchema,
  TrainingRun: trainingRunSchema,
  Evaluation: evaluationSchema,
  ModelVersion: modelVersionSchema,
  Deployment: deploymentSchema,
  DriftCheck: driftCheckSchema,
  GpuRunner: gpuRunnerSchema,
};

export type RecordOf<Kind extends keyof typeof recordSchemas> = z.infer<(typeof recordSchemas)[Kind]>;
export type AnyRecord = RecordOf<keyof typeof recordSchemas>;

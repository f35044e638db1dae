import type { DataProfile } from '../../shared/records/data-profile.ts';
import type { DataValidation } from '../../shared/records/data-validation.ts';
import type { Evaluation } from '../../shared/records/evaluation.ts';
import type { RecordFolder } from '../../shared/records/folder.ts';
import type { TrainingRun } from '../../shared/records/training-run.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';

/** What is known about a model when it is registered or promoted. */
export interface Evidence {
  /** The newest Evaluation of this digest, from the records folder or kept with the version. */
  evaluation?: Evaluation;
  /** Whether that Evaluation lies in the records folder, with its predictions beside it. */
  evaluationIsLocal: boolean;
  /** Subjects of the other Evaluations in the records folder, newest first; a calibration is of no model. */
  otherSubjects: string[];
  /** Whether calibrations lie in the records folder. */
  hasCalibration: boolean;
  trainingRun?: TrainingRun;
  /** The profile of the data the model was trained on, as its TrainingRun names them. */
  trainingProfile?: DataProfile;
  /** What validate-data said of them. */
  trainingValidation?: DataValidation;
}

/**
 * Gathers the records that speak of one model.
 * @param isStored whether the registry has this version, and so may keep records with it.
 */
export async function gatherEvidence(
  records: RecordFolder,
  registry: Registry,
  digest: string,
  isStored: boolean,
): Promise<Evidence> {
  const local = await records.find('Evaluation', digest);
  const stored = isStored ? await readAttachedRecord(registry, digest, 'Evaluation') : undefined;
  const evaluationIsLocal = local !== undefined && (!stored || local.createdAt >= stored.createdAt);
  const all = await records.all();
  const others = all
    .filter((record) => record.kind === 'Evaluation')
    .filter((record) => record.operation === 'evaluate' && record.subject.digest !== digest)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const trainingRun = await records.find('TrainingRun', digest);
  const trainingProfile = trainingRun && (await profileOf(records, trainingRun));
  return {
    evaluation: evaluationIsLocal ? local : stored,
    evaluationIsLocal,
    otherSubjects: [...new Set(others.map((record) => record.subject.digest))],
    hasCalibration: all.some((record) => record.kind === 'Evaluation' && record.operation === 'calibrate'),
    trainingRun,
    trainingProfile,
    trainingValidation:
      trainingProfile && (await records.find('DataValidation', trainingProfile.subject.digest)),
  };
}

async function profileOf(records: RecordFolder, run: TrainingRun): Promise<DataProfile | undefined> {
  for (const { digest } of run.inputs) {
    const profile = await records.find('DataProfile', digest);
    if (profile) return profile;
  }
  return undefined;
}

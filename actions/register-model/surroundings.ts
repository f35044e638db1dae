import { readFile } from 'node:fs/promises';
import { UserError } from '../../shared/errors.ts';
import { captureEnvironment } from '../../shared/packaging/environment.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import type { Attachment } from '../../shared/registries/registry.ts';
import type { Evidence } from './evidence.ts';
import type { Given } from './inputs.ts';

/** What is kept beside the model for those who come later: its environment, and the card that people read. */
export async function surroundings(
  given: Given,
  evidence: Evidence,
): Promise<{
  environment: ModelVersion['environment'];
  attachment?: Attachment;
  card: (version: ModelVersion) => Promise<Attachment>;
}> {
  const words = given.modelCard === undefined ? undefined : await readWords(given.modelCard);
  const captured = await captureEnvironment({
    files: given.environment,
    folder: '.',
    requirements: given.requirements,
    trainingRun: evidence.trainingRun,
  });
  return {
    ...captured,
    card: async (version) => {
      const { modelCard } = await import('../../shared/packaging/model-card.ts');
      const { trainingRun, trainingProfile, evaluation } = evidence;
      return modelCard({ version, trainingRun, trainingProfile, evaluation, words });
    },
  };
}

async function readWords(path: string): Promise<{ text: string; file: string }> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`The model card ${path} cannot be read.`, {
      where: { file: path, key: 'model-card' },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  return { text, file: path };
}

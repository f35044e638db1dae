import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { packCode } from '../../shared/models/code-archive.ts';
import { hashFile } from '../../shared/models/files.ts';
import { refuseCredentials } from '../../shared/packaging/environment.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import type { RecordFolder } from '../../shared/records/folder.ts';
import {
  CODE_ARCHIVE,
  CODE_ROLE,
  PREDICTIONS_ROLE,
  REQUIREMENTS_FILE,
  recordAttachment,
} from '../../shared/registries/packaged-model.ts';
import type { AttachedFile, Attachment } from '../../shared/registries/registry.ts';
import type { Evidence } from './evidence.ts';
import type { Given } from './inputs.ts';

/** The records that are kept with the version, and the predictions of its evaluation. */
export async function evidenceAttachments(evidence: Evidence, records: RecordFolder): Promise<Attachment[]> {
  const { evaluation, evaluationIsLocal, trainingRun, trainingProfile, trainingValidation } = evidence;
  const attachments: Attachment[] = [];
  if (trainingRun) attachments.push(recordAttachment(trainingRun));
  if (trainingProfile) attachments.push(recordAttachment(trainingProfile));
  // So that data that did not pass are told from those that did where the version is part of a history.
  if (trainingValidation) attachments.push(recordAttachment(trainingValidation));
  if (evaluation && evaluationIsLocal) {
    const { predictions } = evaluation;
    if (predictions) {
      const bytes = await records.readAttachment(predictions.file, predictions.digest);
      attachments.push({ role: PREDICTIONS_ROLE, files: [{ name: predictions.file, bytes }] });
    }
    attachments.push(recordAttachment(evaluation));
  }
  return attachments;
}

/**
 * Packs code and requirements. They are one attachment, so that the newest code is never run in an environment
 * made for older code.
 * @param without paths that are no code although they may lie in the folder: records, registry, model.
 */
export async function codeAttachment(
  given: Given,
  temporaryFolder: string,
  without: string[],
): Promise<{ attachment?: Attachment; inputs: RecordInput[] }> {
  const files: AttachedFile[] = [];
  const inputs: RecordInput[] = [];
  if (given.code) {
    const path = join(temporaryFolder, CODE_ARCHIVE);
    await packCode(given.code, path, without);
    files.push({ name: CODE_ARCHIVE, path });
    inputs.push({ role: 'code', name: given.code, digest: (await hashFile(path)).digest });
  }
  if (given.requirements) {
    const bytes = await readRequirements(given.requirements);
    files.push({ name: REQUIREMENTS_FILE, bytes });
    inputs.push({ role: 'requirements', name: given.requirements, digest: sha256(bytes) });
  }
  return files.length > 0 ? { attachment: { role: CODE_ROLE, files }, inputs } : { inputs };
}

async function readRequirements(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause) => {
    throw new UserError(`The requirements file ${path} cannot be read.`, {
      where: { file: path, key: 'requirements' },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  refuseCredentials(bytes.toString('utf8'), path, 'requirements');
  const lines = bytes.toString('utf8').split('\n');
  const line = lines.findIndex((text) => /^\s*(-r|--requirement|-c|--constraint|-e|--editable)\b/.test(text));
  if (line >= 0) {
    throw new UserError(
      `The requirements file ${path} leans on another file, which is not stored with the model.`,
      {
        where: { file: path, line: line + 1, key: 'requirements' },
        fix: 'Write all requirements into one file, e.g. with pip freeze or uv pip compile.',
      },
    );
  }
  return bytes;
}

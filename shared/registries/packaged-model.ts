import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { modelDigest } from '../models/digest.ts';
import { unpackTar } from '../models/tar-read.ts';
import type { RecordKind } from '../records/envelope.ts';
import type { AnyRecord, RecordOf } from '../records/kinds.ts';
import { parseRecordText, writeRecordText } from '../records/text.ts';
import type { Attachment, Registry, Version } from './registry-interface.ts';

/** A version brought to this machine: what is needed to run its programs. */
export interface PackagedModel {
  digest: string;
  /** The model's files. */
  modelFolder: string;
  /** The packaged code, where its programs run; an empty folder when none was packaged. */
  codeFolder: string;
  /** The requirements file its environment is made from. */
  requirements?: string;
  predictCommand?: string;
  serveCommand?: string;
}

export const CODE_ROLE = 'code';
export const CODE_ARCHIVE = 'code.tar';
export const REQUIREMENTS_FILE = 'requirements.txt';
export const PREDICTIONS_ROLE = 'predictions';
export const CARD_ROLE = 'model-card';
export const ENVIRONMENT_ROLE = 'environment';
export const RECORD_FILE = 'record.json';

/**
 * Brings a version to a folder: model files in `model/`, packaged code in `code/`, and `requirements.txt`; every
 * digest is verified. Files that hold the version already are used as they are, any others are replaced.
 * @throws UserError when something is missing or damaged.
 */
export async function readPackagedModel(
  registry: Registry,
  version: Pick<Version, 'digest'>,
  folder: string,
): Promise<PackagedModel> {
  const { digest } = version;
  const codeFolder = join(folder, 'code');
  const modelFolder = await bringModel(registry, version, folder);
  const files = await registry.attachments(digest, CODE_ROLE);
  const archive = files.find((file) => file.name === CODE_ARCHIVE);
  // Code may have been refreshed since the folder was filled, so it is always unpacked anew.
  const fresh = `${codeFolder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  if (archive) {
    const path = join(folder, CODE_ARCHIVE);
    await rm(path, { force: true });
    await archive.save(path);
    await unpackTar(path, fresh);
    await rm(path);
  }
  await rm(codeFolder, { recursive: true, force: true });
  await rename(fresh, codeFolder);
  const requirements = await saveRequirements(files, join(folder, REQUIREMENTS_FILE));
  const record = await readAttachedRecord(registry, digest, 'ModelVersion');
  return {
    digest,
    modelFolder,
    codeFolder,
    ...(requirements ? { requirements } : {}),
    ...(record?.predictCommand ? { predictCommand: record.predictCommand } : {}),
    ...(record?.serveCommand ? { serveCommand: record.serveCommand } : {}),
  };
}

/** The first part of {@link readPackagedModel}: the model's files alone. @returns the folder that they lie in. */
export async function bringModel(
  registry: Registry,
  { digest }: Pick<Version, 'digest'>,
  folder: string,
): Promise<string> {
  const modelFolder = join(folder, 'model');
  await mkdir(folder, { recursive: true });
  // A program may have written into its model's folder; the version must be able to start again all the same.
  const present = await modelDigest(modelFolder).catch(() => undefined);
  if (present?.digest !== digest) {
    await rm(modelFolder, { recursive: true, force: true });
    await registry.pullModel(digest, modelFolder);
  }
  return modelFolder;
}

async function saveRequirements(
  files: Awaited<ReturnType<Registry['attachments']>>,
  path: string,
): Promise<string | undefined> {
  const file = files.find((candidate) => candidate.name === REQUIREMENTS_FILE);
  if (!file) {
    await rm(path, { force: true });
    return undefined;
  }
  await writeFile(path, await file.read());
  return path;
}

/**
 * The newest record of a kind kept with a version; undefined when there is none.
 * @throws UserError when the record is damaged or of another kind.
 */
export async function readAttachedRecord<Kind extends RecordKind>(
  registry: Registry,
  digest: string,
  kind: Kind,
): Promise<RecordOf<Kind> | undefined> {
  const files = await registry.attachments(digest, kind);
  const file = files.find((candidate) => candidate.name === RECORD_FILE);
  if (!file) return undefined;
  const text = new TextDecoder().decode(await file.read());
  const record = parseRecordText(text, `${kind} of ${digest} in the registry`);
  if (record.kind !== kind) {
    throw new UserError(`What the registry keeps as the ${kind} of ${digest} is a ${record.kind}.`);
  }
  return record as RecordOf<Kind>;
}

/** A record as an attachment of its own kind. */
export function recordAttachment(record: AnyRecord): Attachment {
  const { repository, commit } = record.source;
  return {
    role: record.kind,
    files: [{ name: RECORD_FILE, bytes: new TextEncoder().encode(writeRecordText(record)) }],
    annotations: {
      ...(repository ? { 'org.opencontainers.image.source': repository } : {}),
      ...(commit ? { 'org.opencontainers.image.revision': commit } : {}),
    },
  };
}

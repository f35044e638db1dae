import { hashFile } from '../models/files.ts';
import { sha256 } from '../records/canonical-json.ts';
import { CARD_ROLE, ENVIRONMENT_ROLE, PREDICTIONS_ROLE } from '../registries/packaged-model.ts';
import type { Attachment, Registry } from '../registries/registry-interface.ts';

/**
 * Attachments that a statement names file by file, beside what it names by its own words (code, requirements,
 * Evaluation): lock files, the model card, the predictions that the next gate pairs on, and what drift is
 * measured by, with what was said of it.
 */
export const HELD_ROLES: readonly string[] = [
  ENVIRONMENT_ROLE,
  CARD_ROLE,
  PREDICTIONS_ROLE,
  'TrainingRun',
  'DataProfile',
  'DataValidation',
];

/** Role → file name → `sha256:<hex>`. A role without files had none when it was signed. */
export type HeldFiles = Record<string, Record<string, string>>;

/**
 * What a new statement of a version is to name: what is attached with it; of a role that is left as it is, what the
 * newest of the signed statements says; and where none says anything, what is attached now.
 * @param earlier what valid statements of this key name, newest first; those without a word of it left out.
 */
export async function filesToHold(
  registry: Pick<Registry, 'resolve' | 'attachments'>,
  digest: string,
  attachments: readonly Attachment[],
  earlier: readonly HeldFiles[] = [],
): Promise<HeldFiles> {
  const isStored = (await registry.resolve(digest)) !== undefined;
  const held: HeldFiles = {};
  for (const role of HELD_ROLES) {
    const given = attachments.find((attachment) => attachment.role === role);
    const before = earlier[0]?.[role];
    if (given) held[role] = await digestsOf(given);
    else if (before) held[role] = before;
    else held[role] = isStored ? await attachedFiles(registry, digest, role) : {};
  }
  return held;
}

/** The files of a role that are attached now. */
export async function attachedFiles(
  registry: Pick<Registry, 'attachments'>,
  digest: string,
  role: string,
): Promise<Record<string, string>> {
  const files = await registry.attachments(digest, role);
  return Object.fromEntries(files.map((file) => [file.name, file.digest]));
}

/**
 * Which attached files a statement does not name, or names otherwise. What it names and is gone altogether is not
 * believed by anybody.
 */
export function strangeFiles(signed: HeldFiles, attached: HeldFiles): string[] {
  return Object.entries(attached).flatMap(([role, files]) => {
    const named = signed[role];
    // Statements of before this was written down say nothing of it.
    if (named === undefined || Object.keys(files).length === 0) return [];
    const names = new Set([...Object.keys(named), ...Object.keys(files)]);
    return [...names].filter((name) => named[name] !== files[name]).map((name) => `${role} (${name})`);
  });
}

async function digestsOf({ files }: Attachment): Promise<Record<string, string>> {
  const entries = files.map(async (file): Promise<[string, string]> => {
    return [file.name, 'bytes' in file ? sha256(file.bytes) : (await hashFile(file.path)).digest];
  });
  return Object.fromEntries(await Promise.all(entries));
}

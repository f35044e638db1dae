import * as z from 'zod';
import type { ModelVersion } from '../records/model-version.ts';
import {
  CODE_ARCHIVE,
  CODE_ROLE,
  RECORD_FILE,
  REQUIREMENTS_FILE,
  readAttachedRecord,
} from '../registries/packaged-model.ts';
import type { Registry } from '../registries/registry-interface.ts';
import { attachedFiles, HELD_ROLES, type HeldFiles, strangeFiles } from './held-files.ts';
import { BUILD_TYPE, commandDigests } from './statement.ts';

/** The parts of a statement of ours that name what is attached to the version. */
const resourceSchema = z.object({
  name: z.string().optional(),
  digest: z.object({ sha256: z.string() }).partial().optional(),
  annotations: z.object({ role: z.string() }).partial().optional(),
});
const statementSchema = z.object({
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.literal(BUILD_TYPE),
      internalParameters: z.object({
        commands: z.record(z.string(), z.string()).default({}),
        attachments: z.record(z.string(), z.record(z.string(), z.string())).default({}),
      }),
      resolvedDependencies: z.array(resourceSchema),
    }),
    runDetails: z.object({ byproducts: z.array(resourceSchema).default([]) }),
  }),
});

/**
 * What is attached to a version and run or believed with it, and is not what was signed: code, requirements, commands,
 * the Evaluation, lock files, the card, predictions can be attached anew by whoever may push, which leaves the model
 * and its signature as they are.
 * @param statements valid ones of the key. @returns one sentence; empty when one statement names all of it.
 */
export async function unsignedAttachments(
  registry: Registry,
  digest: string,
  statements: readonly string[],
): Promise<string> {
  const attached = await readAttached(registry, digest);
  const files: HeldFiles = {};
  for (const role of HELD_ROLES) files[role] = await attachedFiles(registry, digest, role);
  if (attached.size === 0 && Object.values(files).every((held) => Object.keys(held).length === 0)) return '';
  let fewest: string[] | undefined;
  for (const statement of statements) {
    const signed = namedBy(statement);
    const strange = [...attached]
      .filter(([what, found]) => signed?.get(what) !== found)
      .map(([what]) => what)
      .concat(strangeFiles(heldBy(statement), files));
    if (strange.length === 0) return '';
    if (!fewest || strange.length < fewest.length) fewest = strange;
  }
  const all = [
    ...attached.keys(),
    ...Object.keys(files).filter((role) => Object.keys(files[role] ?? {}).length > 0),
  ];
  const what = (fewest ?? all).join(', ');
  return `What is attached to the version is not what was signed: ${what}. Register it again with signing-key.`;
}

/** By what it is: the digest that is attached now. */
async function readAttached(registry: Registry, digest: string): Promise<Map<string, string>> {
  const attached = new Map<string, string>();
  for (const file of await registry.attachments(digest, CODE_ROLE)) {
    if (file.name === CODE_ARCHIVE) attached.set('code', file.digest);
    else if (file.name === REQUIREMENTS_FILE) attached.set('requirements', file.digest);
    else attached.set(`code file ${file.name}`, file.digest);
  }
  const evaluation = await registry.attachments(digest, 'Evaluation');
  for (const file of evaluation) if (file.name === RECORD_FILE) attached.set('Evaluation', file.digest);
  const version: ModelVersion | undefined = await readAttachedRecord(registry, digest, 'ModelVersion');
  for (const [name, command] of Object.entries(version ? commandDigests(version) : {})) {
    attached.set(`${name}-command`, command);
  }
  return attached;
}

/** What a statement says of attachments file by file; empty when it says nothing of them. */
export function heldBy(statement: string): HeldFiles {
  const parsed = statementSchema.safeParse(JSON.parse(statement));
  return parsed.data?.predicate.buildDefinition.internalParameters.attachments ?? {};
}

/** The same words from a statement; undefined when it is none of ours. */
function namedBy(statement: string): Map<string, string> | undefined {
  const parsed = statementSchema.safeParse(JSON.parse(statement));
  if (!parsed.success) return undefined;
  const { buildDefinition, runDetails } = parsed.data.predicate;
  const named = new Map<string, string>();
  for (const { digest, annotations } of buildDefinition.resolvedDependencies) {
    if (annotations?.role && digest?.sha256) named.set(annotations.role, `sha256:${digest.sha256}`);
  }
  for (const { name, digest } of runDetails.byproducts) {
    if (name && digest?.sha256) named.set(name, `sha256:${digest.sha256}`);
  }
  for (const [name, digest] of Object.entries(buildDefinition.internalParameters.commands)) {
    named.set(`${name}-command`, digest);
  }
  return named;
}

/** The list of what one checkpoint is made of. It is written last, in one piece: what has none is no checkpoint. */
import * as z from 'zod';
import { checkInnerPath } from '../../../shared/models/path.ts';
import { canonicalJson, sha256 } from '../../../shared/records/canonical-json.ts';

/** Whether a path stays inside the checkpoint folder, on every system. */
export function isInnerPath(path: string): boolean {
  try {
    checkInnerPath(path, '');
    return true;
  } catch {
    return false;
  }
}

const innerPath = z.string().refine(isInnerPath);
const hex = z.string().regex(/^[0-9a-f]{64}$/);

const entrySchema = z.union([
  z.strictObject({ path: innerPath, size: z.number().int().nonnegative(), sha256: hex }),
  /** A link to something else in the folder, as many have of their latest checkpoint. */
  z.strictObject({ path: innerPath, link: z.string().min(1).max(4096) }),
]);
export type ManifestEntry = z.infer<typeof entrySchema>;
export type ManifestFile = Extract<ManifestEntry, { sha256: string }>;

const manifestSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** What is trained: see `workIdentity`. */
  work: z.string(),
  /** Of the run that wrote it; its objects lie under this name. */
  attempt: z.string().regex(/^\d{6}-[0-9a-f]{8}$/),
  sequence: z.number().int().positive(),
  createdAt: z.iso.datetime(),
  /** Of the training, where its files say one. */
  step: z.number().nullable(),
  /** The training ended well: there is nothing to go on with. */
  finished: z.boolean(),
  files: z.array(entrySchema).max(1_000_000),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** With the sha256 of its own content, so that one that is cut off or damaged is known. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ ...manifest, integrity: sha256(canonicalJson(manifest)) })}\n`;
}

/** @returns the manifest, or why it is none. */
export function parseManifest(text: string): Manifest | string {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return 'its manifest is cut off or damaged';
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return 'its manifest is no JSON object';
  const { integrity, ...content } = raw as Record<string, unknown>;
  if (typeof content.schemaVersion === 'number' && content.schemaVersion > 1)
    return 'a newer release of mlops-actions wrote its manifest';
  if (integrity !== sha256(canonicalJson(content))) return 'its manifest is damaged';
  const parsed = manifestSchema.safeParse(content);
  if (!parsed.success) return `its manifest does not follow the schema (${parsed.error.issues[0]?.message})`;
  const paths = new Set(parsed.data.files.map(({ path }) => path));
  if (paths.size !== parsed.data.files.length) return 'its manifest names a file twice';
  return parsed.data;
}

export const ATTEMPTS = 'attempts/';
export const MANIFESTS = 'manifests/';
export const OBJECTS = 'objects/';

export const attemptKey = (number: number): string => `${ATTEMPTS}${digits(number)}.json`;
export const manifestKey = ({ attempt, sequence }: Pick<Manifest, 'attempt' | 'sequence'>): string =>
  `${MANIFESTS}${attempt}/${digits(sequence)}.json`;
export const objectKey = (attempt: string, digest: string): string => `${OBJECTS}${attempt}/${digest}`;

/** Number of an attempt, of any key that belongs to one; undefined for others' files. */
export function attemptNumberOf(key: string): number | undefined {
  const [, number] = /^(?:attempts|manifests|objects)\/(\d{6})[-.]/.exec(key) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Fixed width, so that keys are in order of time. */
export function digits(number: number): string {
  return String(number).padStart(6, '0');
}

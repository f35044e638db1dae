import { BUNDLE_TYPE, PREDICATE_ANNOTATION } from '../provenance/media-types.ts';
import { RECORD_KINDS } from '../records/envelope.ts';
import type { Descriptor } from './manifest.ts';

/**
 * What an attachment is for, and how that is written: by an artifact type of ours, or for signatures by the type
 * that cosign and GitHub write, so that each finds those of the others.
 */

/** Several roles may have one artifact type, so the role itself is kept too. */
export const ROLE_ANNOTATION = 'mlops-actions.role';

/** What is in a bundle tells its predicate type. */
const BUNDLE_ROLES: Record<string, RegExp> = {
  signature: /^https:\/\/sigstore\.dev\/cosign\/sign\//,
  provenance: /^https:\/\/slsa\.dev\/provenance\//,
};

const FILE_TYPES: [ending: string, mediaType: string][] = [
  ['.json', 'application/json'],
  ['.csv', 'text/csv'],
  ['.txt', 'text/plain'],
  ['.tar', 'application/x-tar'],
];

/** `ModelVersion` → `application/vnd.mlops-actions.model-version.v1`. */
export function artifactTypeOf(role: string): string {
  if (isBundleRole(role)) return BUNDLE_TYPE;
  const word = role.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return `application/vnd.mlops-actions.${word}.v1`;
}

/** Whether several parties may attach to this role, so that all of them count and not the newest alone. */
export function isBundleRole(role: string): boolean {
  return Object.hasOwn(BUNDLE_ROLES, role);
}

/** The media type of an attached file. */
export function layerTypeOf(role: string, name: string): string {
  if (isBundleRole(role)) return BUNDLE_TYPE;
  return FILE_TYPES.find(([ending]) => name.endsWith(ending))?.[1] ?? 'application/octet-stream';
}

/** The role of what refers to a model; undefined for what other tools keep there. */
export function roleOf({ artifactType, annotations }: Descriptor): string | undefined {
  if (artifactType === BUNDLE_TYPE) {
    const predicate = annotations?.[PREDICATE_ANNOTATION] ?? '';
    return Object.keys(BUNDLE_ROLES).find((role) => BUNDLE_ROLES[role]!.test(predicate));
  }
  const role = annotations?.[ROLE_ANNOTATION];
  if (role !== undefined) return artifactTypeOf(role) === artifactType ? role : undefined;
  // Written before roles were kept.
  const word = /^application\/vnd\.mlops-actions\.([a-z0-9.-]+)\.v1$/.exec(artifactType ?? '')?.[1];
  return RECORD_KINDS.find((kind) => artifactTypeOf(kind) === artifactType) ?? word;
}

/**
 * Where things lie below the group's place in S3:
 *
 *     <name>/aliases/<alias>.json                  where an alias points, and every move of it
 *     <name>/<digest>/manifest.json                the ModelPack manifest: its sha256 is the digest
 *     <name>/<digest>/model/<path>                 the model's files as they are, for SageMaker to load
 *     <name>/<digest>/attachments/<role>.json      what is attached, and which files belong to it
 *     <name>/<digest>/files/<sha256>               those files
 *     <name>/<digest>/metrics/<sha256>.json         the metrics that SageMaker shows
 *     <name>/<digest>/removing/<word>.json         that a job is about to remove all this
 *     <name>/<digest>/standing.json                who set approval and stage, and why
 */
const hexOf = (digest: string): string => digest.slice('sha256:'.length);

export const versionFolder = (name: string, digest: string): string => `${name}/${hexOf(digest)}/`;
export const manifestKey = (name: string, digest: string): string =>
  `${versionFolder(name, digest)}manifest.json`;
export const modelFolder = (name: string, digest: string): string => `${versionFolder(name, digest)}model/`;
export const metricsKey = (name: string, digest: string, document: string): string =>
  `${versionFolder(name, digest)}metrics/${hexOf(document)}.json`;
export const standingKey = (name: string, digest: string): string =>
  `${versionFolder(name, digest)}standing.json`;
export const removingFolder = (name: string, digest: string): string =>
  `${versionFolder(name, digest)}removing/`;
export const attachmentsFolder = (name: string, digest: string): string =>
  `${versionFolder(name, digest)}attachments/`;
export const attachmentKey = (name: string, digest: string, role: string): string =>
  `${attachmentsFolder(name, digest)}${encodeURIComponent(role)}.json`;
export const fileKey = (name: string, digest: string, file: string): string =>
  `${versionFolder(name, digest)}files/${hexOf(file)}`;

export const aliasFolder = (name: string): string => `${name}/aliases/`;
export const aliasKey = (name: string, alias: string): string => `${aliasFolder(name)}${alias}.json`;
/** The alias of such a key; undefined for what is none. */
export const aliasOfKey = (name: string, key: string): string | undefined =>
  key.startsWith(aliasFolder(name)) && key.endsWith('.json')
    ? key.slice(aliasFolder(name).length, -'.json'.length)
    : undefined;

/**
 * The media types of CNCF ModelPack. Which type a file gets is decided by its name alone and is part of every
 * model's digest: changing this table would rename every model there is, so it only ever grows by new names of
 * the specification itself.
 */

export const MODEL_MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const MODEL_ARTIFACT_TYPE = 'application/vnd.cncf.model.manifest.v1+json';
export const MODEL_CONFIG_TYPE = 'application/vnd.cncf.model.config.v1+json';

const RAW_LAYER = /^application\/vnd\.cncf\.model\.(weight|weight\.config|doc|code|dataset)\.v1\.raw$/;

const KINDS: [RegExp, string][] = [
  [/(^|\/)(readme|license|licence|notice|changelog)(\.[a-z]+)?$|\.(md|rst|pdf)$/i, 'doc'],
  [/\.(py|ipynb|sh|js|ts)$/i, 'code'],
  [/(^|\/)(MLmodel|requirements\.txt)$|\.(json|yaml|yml|toml|ini|cfg)$/i, 'weight.config'],
];

/** The media type of the raw layer that holds the file at this path. */
export function layerMediaType(path: string): string {
  const kind = KINDS.find(([names]) => names.test(path))?.[1] ?? 'weight';
  return `application/vnd.cncf.model.${kind}.v1.raw`;
}

/** Whether a layer holds one file as it is, neither packed nor compressed. */
export function isRawLayer(mediaType: string): boolean {
  return RAW_LAYER.test(mediaType);
}

/**
 * The grammar of model URIs, the same for every store and every action:
 * `<registry>/<name>@<alias | version | sha256:…>`, where the last `/` before `@` parts registry from name.
 */
import { UserError } from '../errors.ts';
import { parseServerAddress } from '../mlflow/server-address.ts';

export type RegistryScheme = 'oci-layout' | 'oci' | 'mlflow' | 'sagemaker';

/** One model name in one registry. */
export interface ModelLocation {
  scheme: RegistryScheme;
  /** What follows the scheme: a folder for `oci-layout`, `host/namespace` for `oci`, an address or nothing for `mlflow`. */
  path: string;
  name: string;
}

export interface ModelUri extends ModelLocation {
  /** Alias, version or `sha256:<hex>`. */
  reference: string;
}

const SCHEMES: [prefix: string, scheme: RegistryScheme][] = [
  ['oci-layout:', 'oci-layout'],
  ['oci://', 'oci'],
  ['mlflow:', 'mlflow'],
  ['sagemaker:', 'sagemaker'],
];
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const REFERENCE = /^([A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$/;
const FORM = '<registry>/<name>@<alias, version or sha256:…>, e.g. oci-layout:mlops-registry/churn@champion';

/** Whether a text is meant as a registry or a version in one, and not as a path. */
export const hasScheme = (text: string): boolean => SCHEMES.some(([prefix]) => text.startsWith(prefix));

/**
 * Reads a model URI. A text without one of the schemes is a path: undefined.
 * @throws UserError when the scheme is there but the rest is not of the grammar.
 */
export function parseModelUri(text: string): ModelUri | undefined {
  const scheme = SCHEMES.find(([prefix]) => text.startsWith(prefix));
  if (!scheme) return undefined;
  const at = text.lastIndexOf('@');
  const reference = at < 0 ? '' : text.slice(at + 1);
  if (!REFERENCE.test(reference)) {
    const shown = JSON.stringify(text).replace(/\/\/[^/]*@/, '//***@');
    throw new UserError(`The model URI ${shown} names no version.`, {
      fix: `Write ${FORM}.`,
    });
  }
  const before = text.slice(0, at);
  const slash = before.lastIndexOf('/');
  const start = scheme[0].length;
  const [registry, name] =
    slash < start
      ? [before.slice(0, start), before.slice(start)]
      : [before.slice(0, slash), before.slice(slash + 1)];
  return { ...parseRegistry(registry, name), reference };
}

/**
 * Reads a registry (`oci-layout:DIR`, `oci://host/namespace`, `mlflow:URL`, `sagemaker:`) and a model's name.
 * @throws UserError naming what is wrong and the form that is right.
 */
export function parseRegistry(registry: string, name: string): ModelLocation {
  const found = SCHEMES.find(([prefix]) => registry.startsWith(prefix));
  if (!found) {
    throw new UserError(`The registry ${JSON.stringify(registry)} has none of the known schemes.`, {
      fix: 'Write oci-layout:DIR, oci://host/namespace, mlflow:http://host:5000 or sagemaker:.',
    });
  }
  const [prefix, scheme] = found;
  const path =
    registry.slice(prefix.length).replace(/\/+$/, '') || (registry.length > prefix.length ? '/' : '');
  if (!NAME.test(name)) {
    throw new UserError(`${JSON.stringify(name)} is not a model's name.`, {
      fix: 'Use small letters, digits and single hyphens between them, e.g. churn or flight-delays.',
    });
  }
  if (scheme === 'oci-layout' && path === '') {
    throw new UserError('The registry oci-layout: names no folder.', {
      fix: 'Write oci-layout:mlops-registry.',
    });
  }
  if (scheme === 'oci') checkOciPath(path, registry);
  // Without an address it is that of MLFLOW_TRACKING_URI.
  if (scheme === 'mlflow' && path !== '') return { scheme, path: parseServerAddress(path, 'registry'), name };
  return { scheme, path, name };
}

function checkOciPath(path: string, registry: string): void {
  if (path.includes('@')) {
    throw new UserError('A registry URI holds no credentials.', {
      fix: 'Log in with docker login (or a credential helper) and write oci://host/namespace.',
    });
  }
  const [host = '', ...namespace] = path.split('/');
  const hostIsRight = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?$/.test(
    host,
  );
  const namespaceIsRight = namespace.every((part) => /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/.test(part));
  if (!hostIsRight || !namespaceIsRight) {
    throw new UserError(`The registry ${JSON.stringify(registry)} is not of the form oci://host/namespace.`, {
      fix: 'Write a host (with a port if needed) and small-letter path parts, e.g. oci://ghcr.io/my-team.',
    });
  }
}

/** The registry part alone, as a person writes it: `oci-layout:DIR`, `oci://host/namespace`. */
export function formatRegistry(location: ModelLocation): string {
  const prefix = SCHEMES.find(([, scheme]) => scheme === location.scheme)?.[0] ?? '';
  return `${prefix}${location.path}`;
}

/** Writes a model URI: the inverse of {@link parseModelUri}. */
export function formatModelUri(uri: ModelUri): string {
  const registry = formatRegistry(uri);
  const separator = uri.path === '' || uri.path.endsWith('/') ? '' : '/';
  return `${registry}${separator}${uri.name}@${uri.reference}`;
}

/** @throws UserError when the URI given as the input `model` speaks of another model than the input `name`. */
export function requireName(location: ModelLocation, name: string): void {
  if (location.name === name) return;
  throw new UserError(`The model is of the name ${location.name}, but the input name is ${name}.`, {
    where: { key: 'model' },
    fix: 'Give both the same name.',
  });
}

import { resolve } from 'node:path';
import { UserError } from '../../errors.ts';
import type { RegistryOptions } from '../registry-interface.ts';
import type { OciStore } from './store.ts';

/** A container image as people write it: where it lies, and its tag or digest. */
export type ImageReference =
  | { kind: 'layout'; folder: string; reference: string }
  | { kind: 'remote'; host: string; repository: string; reference: string };

const REPOSITORY = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads `oci-layout:DIR:TAG` (or `@sha256:…`), or a reference in Docker's words: `python:3.13-slim` is
 * `docker.io/library/python:3.13-slim`; a digest after `@` counts more than a tag.
 * @param key the input that it came from. @throws UserError naming what is wrong.
 */
export function parseImageReference(text: string, key: string): ImageReference {
  const layout = /^oci-layout:(.+?)(?:@(sha256:[0-9a-f]{64})|:([^:/]+))$/.exec(text);
  if (layout) {
    const [, folder = '', digest, reference = digest ?? ''] = layout;
    if (digest || TAG.test(reference)) return { kind: 'layout', folder, reference };
  }
  const [beforeDigest = '', digest] = text.startsWith('oci-layout:') ? [] : text.split('@');
  const colon = beforeDigest.lastIndexOf(':');
  const hasTag = colon > beforeDigest.lastIndexOf('/');
  const path = hasTag ? beforeDigest.slice(0, colon) : beforeDigest;
  const reference = digest ?? (hasTag ? beforeDigest.slice(colon + 1) : 'latest');
  const [first = '', ...rest] = path.split('/');
  // Docker's rule: a first part with a dot or a port, or localhost, is a host.
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const host = hasHost ? first : 'docker.io';
  const inside = hasHost ? rest.join('/') : path;
  const repository = host === 'docker.io' && !inside.includes('/') ? `library/${inside}` : inside;
  if (REPOSITORY.test(repository) && (digest ? DIGEST : TAG).test(reference)) {
    return { kind: 'remote', host, repository, reference };
  }
  throw new UserError(`${JSON.stringify(text)} is no reference of a container image.`, {
    where: { key },
    fix: 'Write e.g. docker.io/library/python:3.13-slim, ghcr.io/my-org/churn:1 or oci-layout:DIR:TAG.',
  });
}

/** The reference without what moves: the place and the digest. */
export function byDigest(image: ImageReference, digest: string): string {
  return image.kind === 'layout'
    ? `oci-layout:${image.folder}@${digest}`
    : `${image.host}/${image.repository}@${digest}`;
}

/** Opens the store that holds an image. Nothing is read until a method is called. */
export async function openImageStore(image: ImageReference, options: RegistryOptions): Promise<OciStore> {
  if (image.kind === 'layout') {
    const { LayoutStore } = await import('./layout.ts');
    return new LayoutStore(resolve(image.folder), options.signal);
  }
  const { openRemoteStore } = await import('./remote.ts');
  const parts = image.repository.split('/');
  const name = parts.pop() ?? '';
  return openRemoteStore({ scheme: 'oci', path: [image.host, ...parts].join('/'), name }, options);
}

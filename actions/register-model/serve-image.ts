import type { HashedModel } from '../../shared/models/digest.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import { CODE_ARCHIVE } from '../../shared/registries/packaged-model.ts';
import type { Attachment, ModelLocation } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import type { Given } from './inputs.ts';

/** The container image that serves the model: made from `base-image`, or found where `image` says; null for none. */
export async function serveImage(
  given: Given,
  deps: Deps,
  location: ModelLocation,
  model: HashedModel,
  code: Attachment | undefined,
): Promise<ModelVersion['image']> {
  if (!given.image) return null;
  const { buildImage, findImage, refuseOwnPlace } = await import('../../shared/packaging/image.ts');
  const options = {
    env: deps.env,
    githubToken: given.githubToken,
    now: deps.now,
    progress: deps.log.progress,
    signal: deps.signal,
  };
  refuseOwnPlace(given.image, location);
  if (!given.baseImage) return findImage(given.image, options);
  const archive = code?.files.find((file) => file.name === CODE_ARCHIVE);
  return buildImage(
    {
      baseImage: given.baseImage,
      image: given.image,
      model,
      ...(archive && 'path' in archive ? { codeArchive: archive.path } : {}),
      serveCommand: given.serveCommand ?? '',
      temporaryFolder: deps.temporaryFolder,
      labels: {
        'org.opencontainers.image.title': given.name,
        ...(deps.source.repository ? { 'org.opencontainers.image.source': deps.source.repository } : {}),
        ...(deps.source.commit ? { 'org.opencontainers.image.revision': deps.source.commit } : {}),
      },
    },
    options,
  );
}

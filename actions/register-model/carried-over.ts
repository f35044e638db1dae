import type { ModelVersion } from '../../shared/records/model-version.ts';

/** What a version's record says of the version itself: it stays when an alias moves. */
export function carriedOver(earlier: ModelVersion | undefined): Partial<ModelVersion> {
  if (!earlier) return {};
  const { inputs, parent, tags, approval, stage, metrics, environment, image, provenance } = earlier;
  const { copiedFrom, files, predictCommand, serveCommand, stored, scan } = earlier;
  const about = { inputs, parent, tags, approval, stage, metrics, environment, image, provenance };
  return { ...about, copiedFrom, files, predictCommand, serveCommand, stored, ...(scan ? { scan } : {}) };
}

/** What a rollout notes in the tags of its endpoint. */
import type { EndpointService } from './endpoint-service.ts';
import { MINUTE_MS } from './metric-windows.ts';
import { TAG } from './names.ts';
import { progressKeys, progressTags } from './progress-tags.ts';
import type { EndpointView } from './view.ts';

/** Keeps the progress of a rollout, or forgets it where it is undefined. @returns the view after it. */
export async function storeProgress(
  service: EndpointService,
  view: EndpointView,
  progress: unknown,
): Promise<EndpointView> {
  if (progress !== undefined) {
    const tags = progressTags(progress as object);
    await service.addTags(view.arn, tags);
    return { ...view, tags: { ...view.tags, ...tags } };
  }
  // As it is now: another run may have written more.
  const keys = progressKeys(await service.tags(view.arn));
  if (keys.length > 0) await service.deleteTags(view.arn, keys);
  return view;
}

/** Keeps how long one look is. @returns the view after it. */
export async function noteMinutes(
  service: EndpointService,
  view: EndpointView,
  windowMs: number,
): Promise<EndpointView> {
  const minutes = String(Math.max(1, Math.round(windowMs / MINUTE_MS)));
  if (view.tags[TAG.minutes] === minutes) return view;
  await service.addTags(view.arn, { [TAG.minutes]: minutes });
  return { ...view, tags: { ...view.tags, [TAG.minutes]: minutes } };
}

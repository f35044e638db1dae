/** What a rollout notes in the tags of its endpoint. */
import type { Progress } from '../../progress.ts';
import type { DriverTag } from './driver-tag.ts';
import type { EndpointService } from './endpoint-service.ts';
import { MINUTE_MS } from './metric-windows.ts';
import { TAG } from './names.ts';
import { progressKeys, progressTags } from './progress-tags.ts';
import type { EndpointView } from './view.ts';

/**
 * Keeps the progress of a rollout, or forgets it where it is undefined.
 * @param view with its tags as they are now: another run may have written more.
 * @returns the view after it. @throws UserError when another run has taken over.
 */
export async function storeProgress(
  service: EndpointService,
  view: EndpointView,
  progress: unknown,
  driver: DriverTag,
): Promise<EndpointView> {
  driver.check(service.endpoint, view.tags);
  if (progress !== undefined) {
    const tags = { ...progressTags(progress as Progress), ...driver.tags };
    await service.addTags(view.arn, tags);
    return { ...view, tags: { ...view.tags, ...tags } };
  }
  const keys = progressKeys(view.tags);
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

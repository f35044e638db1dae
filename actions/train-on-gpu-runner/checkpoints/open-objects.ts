import { parseS3Uri } from '../../../shared/aws/s3-uri.ts';
import type { CheckpointObjects } from './objects.ts';

/**
 * Opens the place without asking anything of it.
 * @param place `s3://bucket/prefix` or a folder. @param below the part of it that is used, e.g. `demo/1a2b`.
 * @throws UserError when the place is of another form.
 */
export async function openObjects(
  place: string,
  below: string,
  options: { env: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<CheckpointObjects> {
  if (/^s3:/i.test(place)) {
    const { bucket, prefix } = parseS3Uri(place, 'checkpoint-store');
    const { openObjectStore } = await import('../../../shared/aws/object-store.ts');
    return openObjectStore({ bucket, prefix: [prefix, below].filter(Boolean).join('/') }, options);
  }
  const { FolderObjects } = await import('./folder-objects.ts');
  return new FolderObjects(place, below);
}

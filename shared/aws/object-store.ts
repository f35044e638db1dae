import type { ObjectStore, ObjectStoreOptions } from './objects.ts';
import { parseS3Uri, type S3Place } from './s3-uri.ts';

export type * from './objects.ts';

/** Opens a place in S3; nothing is asked of it until a method is called. @param place `s3://bucket/prefix`. */
export async function openObjectStore(
  place: string | S3Place,
  options: ObjectStoreOptions,
): Promise<ObjectStore> {
  const where = typeof place === 'string' ? parseS3Uri(place) : place;
  // The SDK is large, so it is loaded only here.
  const [{ S3ObjectStore }, { connectS3 }] = await Promise.all([
    import('./s3-object-store.ts'),
    import('./s3-connection.ts'),
  ]);
  const { client } = await connectS3(options);
  return new S3ObjectStore(where, { client, options });
}

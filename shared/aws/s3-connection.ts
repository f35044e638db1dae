import { S3Client } from '@aws-sdk/client-s3';
import { regionMissing } from './aws-error.ts';
import { clientSettings, endpointOf } from './client-settings.ts';
import type { ObjectStoreOptions } from './objects.ts';

/** What the functions of one store share. */
export interface S3Connection {
  client: S3Client;
  options: ObjectStoreOptions;
}

/** The address of one object in the form of the API. */
export interface S3Address {
  Bucket: string;
  Key: string;
  ExpectedBucketOwner?: string;
}

/** A client of S3 and the region it works in. @throws UserError when no region is set. */
export async function connectS3(options: ObjectStoreOptions): Promise<{ client: S3Client; region: string }> {
  const settings = clientSettings('S3', options);
  const client = new S3Client({
    ...settings,
    // Servers other than Amazon's often have no host name per bucket, and no regions.
    ...(endpointOf('S3', options) ? { forcePathStyle: true, region: settings.region ?? 'us-east-1' } : {}),
    // Every sha256 is given and checked by ourselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const region = await client.config.region().catch(() => {
    throw regionMissing();
  });
  return { client, region };
}

import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { awsError, errorCode } from './aws-error.ts';
import type { ObjectStoreOptions } from './objects.ts';
import { connectS3 } from './s3-connection.ts';

/** Makes a bucket in the client's region unless it is there. @returns whether it was made. */
export async function ensureBucket(bucket: string, options: ObjectStoreOptions): Promise<boolean> {
  const { client, region } = await connectS3(options);
  const signal = options.signal ? { abortSignal: options.signal } : {};
  const resource = `arn:aws:s3:::${bucket}`;
  const failed = (error: unknown, what: string, permission: string): unknown =>
    awsError(error, { what: `${what} the bucket ${bucket}`, permission, resource, bucket }, options.env);
  try {
    await client.send(
      new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: options.expectedOwner }),
      signal,
    );
    return false;
  } catch (error) {
    if (!/^(NotFound|NoSuchBucket|404)$/.test(errorCode(error)))
      throw failed(error, 'look at', 's3:ListBucket');
  }
  // us-east-1 is the one region that may not be named.
  const constraint =
    region === 'us-east-1'
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket, ...constraint }), signal);
    return true;
  } catch (error) {
    if (errorCode(error) === 'BucketAlreadyOwnedByYou') return false;
    throw failed(error, 'make', 's3:CreateBucket');
  }
}

import { UserError } from '../errors.ts';

/** A bucket and what all keys in it begin with. */
export interface S3Place {
  bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  prefix: string;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Reads `s3://bucket/prefix`.
 * @param key the input it came from, for the message.
 * @throws UserError when it is of another form.
 */
export function parseS3Uri(text: string, key?: string): S3Place {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(text) ?? [];
  const prefix = rest.replace(/^\/+|\/+$/g, '');
  const isPlain = !/[\u0000-\u001f\u007f\\?#]/.test(prefix) && !prefix.split('/').includes('..');
  if (!BUCKET.test(bucket) || !isPlain) {
    throw new UserError(`${JSON.stringify(text)} is no place in S3.`, {
      ...(key ? { where: { key } } : {}),
      fix: 'Write s3://bucket/prefix, e.g. s3://my-team-models/production.',
    });
  }
  return { bucket, prefix };
}

/** `s3://bucket/prefix/key`. */
export function formatS3Uri({ bucket, prefix }: S3Place, key = ''): string {
  return `s3://${[bucket, prefix, key].filter(Boolean).join('/')}`;
}

/** S3's own sha256 is in base64, and of an object that came in parts it is only that of the parts' checksums. */

/** Where the digest of the whole content stands (`x-amz-meta-sha256`). */
const METADATA_DIGEST = 'sha256';

export const metadataOf = (digest: string): Record<string, string> => ({
  [METADATA_DIGEST]: digest.slice('sha256:'.length),
});

/** `sha256:<hex>` in the form of S3's headers. */
export const base64Of = (digest: string): string =>
  Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64');

/** The digest of the whole content, as far as S3 or its writer says; undefined when neither does. */
export function digestOfObject(found: {
  ChecksumSHA256?: string;
  ChecksumType?: string;
  Metadata?: Record<string, string>;
}): string | undefined {
  const { ChecksumSHA256: checksum, ChecksumType: type, Metadata } = found;
  if (checksum && type !== 'COMPOSITE' && /^[A-Za-z0-9+/]{43}=$/.test(checksum))
    return `sha256:${Buffer.from(checksum, 'base64').toString('hex')}`;
  const written = Metadata?.[METADATA_DIGEST] ?? '';
  return /^[0-9a-f]{64}$/.test(written) ? `sha256:${written}` : undefined;
}

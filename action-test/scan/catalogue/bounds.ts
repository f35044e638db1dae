/** What docs/scan.md says of the limits of the scan; a test holds it to them. */
export const BOUNDS = {
  /** Archives and compressed streams in each other. */
  depth: 12,
  /** Of one file, itself among them. */
  streams: 500_000,
  /** That any stretch of a file may unpack to. */
  freeBytes: 256 * 1024 * 1024,
  /** As that, for each byte of the file, where it is more. */
  freeRatio: 24,
  /** Bytes that may be unpacked beyond that for each byte that was read. */
  ratio: 100,
  /** Findings of one file that refuse it whatever is allowed. */
  errors: 1_000,
} as const;

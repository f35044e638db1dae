import type { RandomAccess } from '../byte-reader.ts';
import type { Format } from '../identify.ts';
import { pagedAccess } from './paged-access.ts';
import { findEnds } from './zip-directories.ts';

/** Formats that hold streams, a zip among them, as they are: the end of such a one may lie near their own end. */
const HOLDERS: readonly Format[] = [
  'pickle',
  'tar',
  'gzip',
  'zlib',
  'old-joblib',
  'bzip2',
  'xz',
  'lzma',
  'lz4',
  'zstd',
];

/** Whether loaders that look for a zip archive from the end find one, whatever a file begins with. */
export async function endsWithArchive(access: RandomAccess, format: Format): Promise<boolean> {
  const ends = await findEnds(pagedAccess(access));
  return ends.some(
    ({ directories, end }) =>
      directories.some(({ count }) => count > 0) && (end === access.size || !HOLDERS.includes(format)),
  );
}

import { gunzipSync } from 'node:zlib';

export interface TarballFile {
  /** Relative, `/`-separated, never leaving the folder. */
  path: string;
  bytes: Uint8Array;
}

const BLOCK = 512;

/**
 * Reads the regular files of a gzipped tar archive as npm writes them (ustar with optional pax headers; folders
 * and other entries are passed over).
 * @throws Error when the archive is truncated, or an entry is absolute, climbs out of the folder or is a link.
 */
export function readTarball(archive: Uint8Array): TarballFile[] {
  const bytes = gunzipSync(archive);
  const files: TarballFile[] = [];
  let paxPath: string | undefined;
  for (let offset = 0; offset + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    const size = Number.parseInt(textAt(header, 124, 12).trim() || '0', 8);
    const start = offset + BLOCK;
    if (!Number.isSafeInteger(size) || start + size > bytes.length)
      throw new Error('The archive is truncated.');
    const body = bytes.subarray(start, start + size);
    const type = textAt(header, 156, 1);
    if (type === 'x') {
      paxPath = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(body.toString('utf8'))?.[1];
    } else {
      const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
      const path = paxPath ?? [prefix, textAt(header, 0, 100)].filter(Boolean).join('/');
      paxPath = undefined;
      if (type === '0' || type === '') files.push({ path: insidePath(path), bytes: body });
      else if (type === '1' || type === '2') throw new Error(`The archive holds a link: ${path}`);
    }
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error('The archive is truncated.');
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

function insidePath(path: string): string {
  const parts = path.split('/');
  if (
    path === '' ||
    path.startsWith('/') ||
    path.includes('\\') ||
    path.includes(':') ||
    parts.includes('..')
  ) {
    throw new Error(`The archive holds a path outside its folder: ${path}`);
  }
  return path;
}

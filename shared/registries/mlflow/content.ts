import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UserError } from '../../errors.ts';
import { hashFile } from '../../models/files.ts';
import { sha256 } from '../../records/canonical-json.ts';
import type { AttachedFile } from '../registry-interface.ts';

const READ_BYTES = 1024 * 1024;

/** What is to be stored: bytes, or the path where they lie, hashed. */
export type Content = { digest: string; size: number } & ({ bytes: Uint8Array } | { path: string });

export function bytesContent(bytes: Uint8Array): Content {
  return { digest: sha256(bytes), size: bytes.length, bytes };
}

/** Hashes a file that is to be attached. */
export async function attachedContent(file: AttachedFile, signal?: AbortSignal): Promise<Content> {
  if ('bytes' in file) return bytesContent(file.bytes);
  return { ...(await hashFile(file.path, signal)), path: file.path };
}

/**
 * The bytes of a content, the last of them only when the digest is right: whoever is told the size beforehand never
 * gets a whole that is damaged.
 * @throws UserError when the file changed since it was hashed.
 */
export async function* verifiedBytes(content: Content, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const source =
    'bytes' in content
      ? [content.bytes]
      : createReadStream(content.path, { highWaterMark: READ_BYTES, signal });
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    if (held && held.length > 0) yield held;
    held = chunk;
  }
  if (`sha256:${hash.digest('hex')}` !== content.digest) {
    const what = 'path' in content ? `The file ${content.path}` : 'The content';
    throw new UserError(`${what} changed while it was stored.`, {
      fix: 'Run again when nothing writes to it.',
    });
  }
  if (held && held.length > 0) yield held;
}

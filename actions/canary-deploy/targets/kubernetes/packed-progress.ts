import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '../../../../shared/errors.ts';

/** Longer texts are packed. Bytes. */
const MOST_PLAIN = 200_000;
/** A ConfigMap has room for 1 MiB, and not only of this. Bytes. */
const MOST_STORED = 900_000;
const PACKED = 'gzip:';
/** A stored text that unpacks to more is none of ours. */
const MOST_BYTES = 50_000_000;

/**
 * The progress of a rollout as one text. Where it finds no room its `state` is left out, which can be computed once more
 * from the metrics. @throws UserError when it finds no room even so.
 */
export function packProgress(progress: object): string {
  for (const kept of [progress, { ...progress, state: null }]) {
    const plain = JSON.stringify(kept);
    const text =
      Buffer.byteLength(plain) <= MOST_PLAIN ? plain : `${PACKED}${gzipSync(plain).toString('base64')}`;
    if (Buffer.byteLength(text) <= MOST_STORED) return text;
  }
  throw new UserError('The rollout has too much to keep in a ConfigMap.', {
    where: { key: 'rollout' },
    fix: 'Give it fewer steps or shorter queries.',
  });
}

/** What {@link packProgress} made; null for what is not ours, so that it is undone instead of resumed. */
export function unpackProgress(text: string): unknown {
  try {
    const plain = text.startsWith(PACKED)
      ? gunzipSync(Buffer.from(text.slice(PACKED.length), 'base64'), {
          maxOutputLength: MOST_BYTES,
        }).toString()
      : text;
    return JSON.parse(plain);
  } catch {
    return null;
  }
}

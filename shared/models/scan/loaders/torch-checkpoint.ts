import { OddMetadata, readCheckpointMetadata } from '../checkpoint/metadata.ts';
import { looksLikePickle } from '../pickle/looks-like-pickle.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';

/** In bytes: as much as 200,000 pieces need, which come of large models on hundreds of GPUs. */
const MOST_BYTES = 32 * 1024 * 1024;
const HEAD_BYTES = 4096;

/**
 * Looks into the `.metadata` of `torch.distributed.checkpoint`, which says where in the files beside it (`__0_0.distcp`) a
 * loader finds each tensor and object, to unpickle exactly those bytes. They must be bytes that the scan looks into by
 * themselves: in the middle of a tensor there may be anything.
 */
export async function scanCheckpointMetadata(
  { reader, size }: ScanInput,
  context: ScanContext,
): Promise<void> {
  await reader.ensure(HEAD_BYTES);
  const head = reader.bytes.subarray(reader.position, Math.min(reader.end, reader.position + HEAD_BYTES));
  if (!looksLikePickle(head, size)) return;
  const parts: Uint8Array[] = [];
  let length = 0;
  while (await reader.ensure(1)) {
    const part = (await reader.take(reader.available))!;
    parts.push(part);
    length += part.length;
    if (length <= MOST_BYTES) continue;
    const what = `The metadata of a checkpoint has more than ${MOST_BYTES.toLocaleString('en-US')} bytes.`;
    context.report({ rule: 'cannot-look-into', offset: null, what });
    return;
  }
  try {
    context.named(readCheckpointMetadata(Buffer.concat(parts)));
  } catch (error) {
    if (!(error instanceof OddMetadata)) throw error;
    const what = `Which bytes it names cannot be told: the pickle ${error.message}.`;
    context.report({ rule: 'checkpoint-piece', offset: error.offset, what });
  }
}

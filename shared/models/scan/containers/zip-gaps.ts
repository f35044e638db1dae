import { ByteReader, type RandomAccess } from '../byte-reader.ts';
import { partOf, sourceOf } from '../file-bytes.ts';
import type { ScanContext } from '../scan-input.ts';
import { hiddenMember, localAt, type Reading } from './zip-members.ts';
import { LOCAL_HEADER } from './zip-records.ts';

/** Bytes of the file that something accounts for. */
export interface Span {
  start: number;
  end: number;
  isMember?: boolean;
  /** Free text, which is looked into as a stream of its own. */
  isComment?: boolean;
}

const WINDOW_BYTES = 256 * 1024;

/** Looks into the bytes that nothing accounts for, and says where members share bytes. */
export async function lookIntoGaps(
  access: RandomAccess,
  spans: readonly Span[],
  context: ScanContext,
  lookInto: (reading: Reading) => Promise<void>,
): Promise<void> {
  let position = 0;
  for (const span of [...spans, { start: access.size, end: access.size }].sort((a, b) => a.start - b.start)) {
    if (span.start > position) await lookIntoGap(access, position, span.start, context, lookInto);
    if (span.start < position && span.end > span.start) {
      const what = 'A member, or the directory, begins within another one.';
      context.report({ rule: 'archive-disagreement', offset: span.start, what });
    }
    if (span.isComment && span.end > span.start)
      await lookIntoBytes(access, span.start, span.end, 'comment', context);
    position = Math.max(position, span.end);
  }
}

async function lookIntoGap(
  access: RandomAccess,
  start: number,
  end: number,
  context: ScanContext,
  lookInto: (reading: Reading) => Promise<void>,
): Promise<void> {
  let position = start;
  for (;;) {
    const at = await findHeader(access, position, end, context.signal);
    if (at > position && (await isAnythingThere(access, position, at, context.signal))) {
      const what = `${at - position} bytes lie in the archive that belong to no member.`;
      context.report({ rule: 'archive-hidden', offset: position, what });
      await lookIntoBytes(access, position, at, `bytes from ${position} on`, context);
    }
    if (at >= end) return;
    const local = await localAt(access, at);
    if (!local || at + local.length > end) {
      position = at + 4;
      continue;
    }
    const member = hiddenMember(local, at, end);
    const what = `${JSON.stringify(member.name)} lies in the archive; its directory does not list it.`;
    context.report({ rule: 'archive-hidden', offset: at, what });
    for (const reading of member.readings) await lookInto(reading);
    position = member.end;
  }
}

async function lookIntoBytes(
  access: RandomAccess,
  start: number,
  end: number,
  name: string,
  context: ScanContext,
): Promise<void> {
  const random = partOf(access, start, end - start);
  const reader = new ByteReader(sourceOf(random, 0, random.size, context.signal));
  await context.inner(`(${name})`, { reader, size: random.size, random });
}

/** @returns where the next local header begins, or `end`. */
async function findHeader(
  access: RandomAccess,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<number> {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(LOCAL_HEADER);
  for (let at = start; at < end; at += WINDOW_BYTES) {
    signal.throwIfAborted();
    const part = await access.readAt(at, Math.min(WINDOW_BYTES + 3, end - at));
    const found = Buffer.from(part.buffer, part.byteOffset, part.length).indexOf(signature);
    if (found >= 0) return at + found;
  }
  return end;
}

async function isAnythingThere(
  access: RandomAccess,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<boolean> {
  const source = sourceOf(access, start, end, signal);
  for (let part = await source.read(); part !== null; part = await source.read()) {
    if (part.some((byte) => byte !== 0)) return true;
  }
  return false;
}

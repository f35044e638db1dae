import { messageOf } from '../../../errors.ts';
import { ByteReader, type RandomAccess } from '../byte-reader.ts';
import { partOf, sourceOf } from '../file-bytes.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { CheckedSource } from './checked-source.ts';
import { pagedAccess } from './paged-access.ts';
import { SmallInflater } from './small-inflater.ts';
import { isTorchPackage, torchRoles } from './torch-archive.ts';
import { bytesOfMember } from './zip-bytes.ts';
import { type ChainedArchive, chainedArchives } from './zip-chain.ts';
import { entriesOf, findEnds } from './zip-directories.ts';
import { lookIntoGaps, type Span } from './zip-gaps.ts';
import { listedMember, type Member, type Reading } from './zip-members.ts';

/** A member that has so many bytes more than it declares is refused anyway: no more of it is unpacked. */
const MOST_BEYOND = 1 << 20;

/**
 * Looks into a zip archive as every kind of loader does: by each directory that one may take, by the headers before
 * the members, and into the bytes that neither names. Where these say different things, that is a finding, and every
 * reading of a member is looked into.
 */
export async function scanZip(_input: ScanInput, context: ScanContext): Promise<void> {
  const access = await context.randomAccess();
  const paged = pagedAccess(access);
  const chained = await chainedArchives(access);
  if (chained) {
    for (const archive of chained) await lookIntoChained(access, archive, context);
    return;
  }
  const { members, spans } = await listMembers(paged, context);
  context.expect(members.reduce((sum, { readings }) => sum + (readings[0]?.size ?? 0), 0));
  reportDuplicates(members, context);
  const names = members.map((member) => member.name);
  const roleOf = torchRoles(names);
  if (isTorchPackage(names)) {
    const name = 'torch.package.PackageImporter';
    const what = `\`${name}\` loads this archive, and runs the Python files in it.`;
    context.report({ rule: 'pickle-import', offset: null, what, name });
  }
  const inflater = new SmallInflater();
  try {
    const given = { context, inflater };
    for (const member of members) {
      for (const reading of member.readings) await lookInto(reading, paged, roleOf(reading.name), given);
    }
    await lookIntoGaps(access, spans, context, (reading) => lookInto(reading, access, undefined, given));
  } finally {
    inflater.close();
  }
}

/** Looks into one archive of several in a file, as by itself. */
async function lookIntoChained(
  access: RandomAccess,
  { start, end }: ChainedArchive,
  context: ScanContext,
): Promise<void> {
  context.lookedIntoArchive(start, end);
  const random = partOf(access, start, end - start);
  const reader = new ByteReader(sourceOf(random, 0, random.size, context.signal));
  await context.inner(`(archive from ${start} on)`, { reader, size: random.size, random });
}

/** All members of all directories, and the bytes of the file that something accounts for. */
async function listMembers(
  access: RandomAccess,
  context: ScanContext,
): Promise<{ members: Member[]; spans: Span[] }> {
  const byStart = new Map<number, Member>();
  const members: Member[] = [];
  const spans: Span[] = [];
  // Beside `access`: entries and the headers of members are far from each other.
  const ofDirectories = pagedAccess(access);
  const ends = await findEnds(ofDirectories);
  if (ends.length === 0) {
    context.report({
      rule: 'unreadable',
      offset: null,
      what: 'The archive has no directory: it may be cut off.',
    });
  }
  for (const end of ends) {
    // The end of an archive that lies in this one as a member is that member's.
    if (spans.some((span) => span.isMember && span.start <= end.start && end.start < span.end)) continue;
    for (const what of end.remarks) context.report({ rule: 'archive-disagreement', offset: end.start, what });
    if (spans.length > 0) {
      const what = 'A second record of the end of an archive lies before the last one.';
      context.report({ rule: 'archive-disagreement', offset: end.start, what });
    }
    spans.push(
      { start: end.start, end: end.commentStart },
      { start: end.commentStart, end: end.end, isComment: true },
    );
    for (const directory of end.directories) {
      spans.push({ start: directory.start, end: directory.end });
      for await (const entry of entriesOf(ofDirectories, directory)) {
        context.signal.throwIfAborted();
        const member = await listedMember(access, entry, directory, context.report);
        if (!member) continue;
        const known = byStart.get(member.start);
        if (known) {
          known.readings.push(
            ...member.readings.filter((one) => !known.readings.some((other) => isSame(one, other))),
          );
          if (directory === end.directories[0]) members.push({ ...member, readings: [] });
          continue;
        }
        byStart.set(member.start, member);
        members.push(member);
        spans.push({ start: member.start, end: member.end, isMember: true });
      }
    }
  }
  return { members, spans };
}

const isSame = (a: Reading, b: Reading): boolean =>
  a.start === b.start && a.end === b.end && a.method === b.method && a.isEncrypted === b.isEncrypted;

function reportDuplicates(members: readonly Member[], context: ScanContext): void {
  const seen = new Set<string>();
  for (const { name, start } of members) {
    if (seen.has(name)) {
      context.report({
        rule: 'archive-duplicate',
        offset: start,
        what: `There is another ${JSON.stringify(name)}.`,
      });
    }
    seen.add(name);
  }
}

async function lookInto(
  reading: Reading,
  access: RandomAccess,
  role: ScanInput['role'],
  { context, inflater }: { context: ScanContext; inflater: SmallInflater },
): Promise<void> {
  const { name, start, end, size, checksum } = reading;
  const shown = JSON.stringify(name);
  const bytes = bytesOfMember(reading, access, context, inflater);
  if (typeof bytes === 'string') {
    context.report({ rule: 'cannot-look-into', offset: start, what: `${shown} is ${bytes}.` });
    return;
  }
  const checked: CheckedSource = new CheckedSource(bytes.source, (count) => {
    context.unpacked(count);
    if (size !== undefined && checked.size + count > size + MOST_BEYOND)
      throw new Error('it has more than it declares');
  });
  const isStored = reading.method === 0;
  try {
    await context.inner(name, {
      reader: new ByteReader(checked),
      size: isStored ? end - start : size,
      ...(isStored && { random: partOf(access, start, end - start) }),
      ...(role && { role }),
    });
    if (checked.hasFailed) return;
    await checked.drain();
  } catch (error) {
    context.signal.throwIfAborted();
    if (!checked.hasFailed || error instanceof Error === false || error.name === 'TooMuch') throw error;
    context.report({
      rule: 'unreadable',
      offset: start,
      what: `${shown} cannot be unpacked: ${messageOf(error)}.`,
    });
    return;
  } finally {
    await bytes.source.close?.();
  }
  if (size !== undefined && checked.size !== size) {
    const what = `${shown} is said to have ${size} bytes; it has ${checked.size}.`;
    context.report({ rule: 'archive-disagreement', offset: start, what });
  } else if (checksum !== undefined && checked.checksum !== checksum) {
    context.report({ rule: 'archive-checksum', offset: start, what: `${shown} does not have its CRC-32.` });
  }
  const left = bytes.left();
  if (left > 0) {
    const what = `${shown} has ${left} bytes behind its compressed ones.`;
    context.report({ rule: 'archive-hidden', offset: end - left, what });
    const rest = partOf(access, end - left, left);
    const reader = new ByteReader(sourceOf(rest, 0, left, context.signal));
    await context.inner(`${name} (behind its end)`, { reader, size: left, random: rest });
  }
}

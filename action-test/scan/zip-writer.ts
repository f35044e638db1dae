/** Zip archives as no zip program would write them. */
import { crc32, deflateRawSync } from 'node:zlib';
import { join, u16, u32, utf8 } from './bytes.ts';

export interface ZipMember {
  name: string;
  content: Uint8Array;
  deflated?: boolean;
  /** What stands for the content, and the method by which that is packed. */
  packed?: { method: number; bytes: Uint8Array };
  /** What is written instead of what is right. */
  localName?: string;
  localMethod?: number;
  centralMethod?: number;
  flags?: number;
  crc?: number;
  /** In bytes, as the headers say it. */
  size?: number;
  /** Without an entry in the central directory. */
  isLocalOnly?: boolean;
  /** Of the upper 16 bits, of Unix: 0o120777 is a link. */
  mode?: number;
  /** Its entry points to the member of this index. */
  quotes?: number;
}

interface Placed extends Omit<ZipMember, 'packed'> {
  method: number;
  packed: Uint8Array;
  crc: number;
  size: number;
  offset: number;
}

const DEFLATED = 8;

const packedOf = ({ content, deflated, packed }: ZipMember): NonNullable<ZipMember['packed']> => {
  if (packed) return packed;
  return deflated
    ? { method: DEFLATED, bytes: new Uint8Array(deflateRawSync(content)) }
    : { method: 0, bytes: content };
};

/** What both headers hold from `flags` to the size. */
const shared = (member: Placed, method: number): Uint8Array =>
  join(
    join(u16(member.flags ?? 0), u16(method), u16(0), u16(0x21)),
    u32(member.crc),
    join(u32(member.packed.length), u32(member.size)),
  );

function local(member: Placed): Uint8Array {
  const name = utf8(member.localName ?? member.name);
  const fields = shared(member, member.localMethod ?? member.method);
  return join(u32(0x04034b50), u16(20), fields, u16(name.length), u16(0), name, member.packed);
}

function central(member: Placed): Uint8Array {
  const name = utf8(member.name);
  const fields = shared(member, member.centralMethod ?? member.method);
  const lengths = join(u16(name.length), u16(0), u16(0), u16(0), u16(0));
  const place = join(u32(((member.mode ?? 0o100644) << 16) >>> 0), u32(member.offset));
  return join(u32(0x02014b50), u16(0x0314), u16(20), fields, lengths, place, name);
}

/** @param prepended bytes before the archive, which loaders pass over. */
export function zip(members: readonly ZipMember[], prepended: Uint8Array = new Uint8Array()): Uint8Array {
  const locals: Uint8Array[] = [];
  const placed: Placed[] = [];
  let offset = 0;
  for (const member of members) {
    if (member.quotes !== undefined) {
      placed.push({ ...placed[member.quotes]!, name: member.name });
      continue;
    }
    const { method, bytes: packed } = packedOf(member);
    const { crc = crc32(member.content), size = member.content.length } = member;
    placed.push({ ...member, method, packed, crc, size, offset });
    locals.push(local(placed.at(-1)!));
    offset += locals.at(-1)!.length;
  }
  const listed = placed.filter(({ isLocalOnly }) => !isLocalOnly);
  const directory = join(...listed.map(central));
  const counts = join(u16(0), u16(0), u16(listed.length), u16(listed.length));
  const end = join(u32(0x06054b50), counts, u32(directory.length), u32(offset), u16(0));
  return join(prepended, ...locals, directory, end);
}

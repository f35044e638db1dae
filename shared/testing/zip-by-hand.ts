import { crc32, deflateRawSync } from 'node:zlib';

/** A member as its two headers shall have it, right or wrong. */
export interface ZipMember {
  name: string | Buffer;
  bytes: Uint8Array;
  /** 0 stored, 8 deflated, which is done; any other is only written. */
  method?: number;
  flags?: number;
  /** What the headers say instead of what is right. */
  local?: Partial<ZipClaims>;
  listed?: Partial<ZipClaims>;
  /** Not in the directory at all. */
  isHidden?: boolean;
  /** Upper half of the external attributes. */
  mode?: number;
  hasDescriptor?: boolean;
}

interface ZipClaims {
  name: string | Buffer;
  method: number;
  flags: number;
  checksum: number;
  packedSize: number;
  size: number;
  offset: number;
}

function fields(numbers: readonly [bytes: 2 | 4, value: number][]): Buffer {
  return Buffer.concat(
    numbers.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );
}

/** Writes a zip archive, with whatever lies the members ask for. @param options.comment behind the record at its end. */
export function zipByHand(
  members: readonly ZipMember[],
  options: { comment?: Buffer; count?: number } = {},
): Buffer {
  const parts: Buffer[] = [];
  const listed: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { method = 0, flags = 0, bytes, mode = 0 } = member;
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const right: ZipClaims = {
      name: member.name,
      method,
      flags: flags | (member.hasDescriptor ? 8 : 0),
      checksum: crc32(bytes),
      packedSize: packed.length,
      size: bytes.length,
      offset,
    };
    const before = {
      ...right,
      ...(member.hasDescriptor && { checksum: 0, packedSize: 0, size: 0 }),
      ...member.local,
    };
    const name = Buffer.from(before.name);
    const header = fields([[4, 0x04034b50], [2, 20], ...claims(before), [2, name.length], [2, 0]]);
    const sizes: [4, number][] = [
      [4, right.checksum],
      [4, right.packedSize],
      [4, right.size],
    ];
    const after = member.hasDescriptor ? fields([[4, 0x08074b50], ...sizes]) : Buffer.alloc(0);
    parts.push(header, name, packed, after);
    offset += header.length + name.length + packed.length + after.length;
    if (member.isHidden) continue;
    const entry = { ...right, ...member.listed };
    const entryName = Buffer.from(entry.name);
    const lengths: [2, number][] = [
      [2, entryName.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
    ];
    const place: [2 | 4, number][] = [
      [2, 0],
      [2, mode],
      [4, entry.offset],
    ];
    listed.push(
      fields([[4, 0x02014b50], [2, 0x0314], [2, 20], ...claims(entry), ...lengths, ...place]),
      entryName,
    );
  }
  const directory = Buffer.concat(listed);
  const count = options.count ?? listed.length / 2;
  const { comment = Buffer.alloc(0) } = options;
  const counts: [2, number][] = [
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
  ];
  const end = fields([[4, 0x06054b50], ...counts, [4, directory.length], [4, offset], [2, comment.length]]);
  return Buffer.concat([...parts, directory, end, comment]);
}

function claims({ flags, method, checksum, packedSize, size }: ZipClaims): [2 | 4, number][] {
  return [
    [2, flags],
    [2, method],
    [4, 0],
    [4, checksum],
    [4, packedSize],
    [4, size],
  ];
}

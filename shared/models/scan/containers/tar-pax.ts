/**
 * @param text of an extended header (POSIX.1-2001).
 * @returns what of it says where and how long a member is; undefined where it cannot be read.
 */
export function paxRecords(text: Buffer): { name?: Buffer; size?: number; linkName?: string } | undefined {
  const found: { name?: Buffer; size?: number; linkName?: string } = {};
  let at = 0;
  while (at < text.length && text[at] !== 0) {
    const space = text.indexOf(0x20, at);
    const digits = space < 0 ? '' : text.toString('latin1', at, space);
    const end = at + Number.parseInt(digits, 10);
    if (!/^\d{1,9}$/.test(digits) || end > text.length || end <= space + 1 || text[end - 1] !== 10)
      return undefined;
    const equals = text.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) return undefined;
    const value = Buffer.from(text.subarray(equals + 1, end - 1));
    const key = text.toString('utf8', space + 1, equals);
    if (key === 'path' || key === 'GNU.sparse.name') found.name = value;
    if (key === 'linkpath') found.linkName = value.toString('utf8');
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value.toString('latin1'))) return undefined;
      found.size = Number(value.toString('latin1'));
    }
    at = end;
  }
  return found;
}

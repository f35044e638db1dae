/** Tar archives (ustar), with names and links as they are given. */
import { join, utf8 } from './bytes.ts';

export interface TarMember {
  name: string;
  content?: Uint8Array;
  /** Of a link: what it points to. */
  link?: string;
  /** `0` a file, `1` a hard link, `2` a symbolic one. */
  type?: '0' | '1' | '2';
}

const BLOCK = 512;
const field = (text: string, length: number): Uint8Array =>
  join(utf8(text), new Uint8Array(length - text.length));
const octal = (value: number, length: number): Uint8Array =>
  field(`${value.toString(8).padStart(length - 1, '0')}`, length);

function member({ name, content = new Uint8Array(), link = '', type = '0' }: TarMember): Uint8Array {
  const before = join(
    field(name, 100),
    octal(0o644, 8),
    octal(0, 8),
    octal(0, 8),
    octal(content.length, 12),
    octal(0, 12),
  );
  const after = join(utf8(type), field(link, 100), field('ustar', 6), utf8('00'), new Uint8Array(247));
  const blank = join(before, utf8(' '.repeat(8)), after);
  const sum = blank.reduce((total, byte) => total + byte, 0);
  const padding = new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK);
  return join(before, field(`${sum.toString(8).padStart(6, '0')}\0 `, 8), after, content, padding);
}

export const tar = (members: readonly TarMember[]): Uint8Array =>
  join(...members.map(member), new Uint8Array(2 * BLOCK));

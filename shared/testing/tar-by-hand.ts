export interface TarMember {
  name: string;
  bytes?: Buffer;
  type?: string;
  link?: string;
  size?: number;
  magic?: string;
  checksum?: number;
}

/** A member and its header; what is said of it need not be true. */
export function tarMember({
  name,
  bytes = Buffer.alloc(0),
  type = '0',
  link = '',
  magic = 'ustar\0',
  ...said
}: TarMember): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 'latin1');
  block.write('0000644\0', 100);
  block.write(`${(said.size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write(link, 157);
  block.write(magic, 257);
  const sum = said.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

export const tarByHand = (members: readonly TarMember[]): Buffer =>
  Buffer.concat([...members.map(tarMember), Buffer.alloc(1024)]);

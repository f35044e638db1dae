/** Pickles opcode by opcode, which no pickler would write: of CPython's `pickletools`. */
import { bytes, join, u16, u32, u64, utf8 } from './bytes.ts';

const letter = (code: string): Uint8Array => utf8(code);

/** Opcodes without an argument. */
export const MARK = letter('(');
export const STOP = letter('.');
export const POP = letter('0');
export const POP_MARK = letter('1');
export const DUP = letter('2');
export const NONE = letter('N');
export const REDUCE = letter('R');
export const BUILD = letter('b');
export const OBJ = letter('o');
export const TUPLE = letter('t');
export const EMPTY_TUPLE = letter(')');
export const EMPTY_LIST = letter(']');
export const APPEND = letter('a');
export const APPENDS = letter('e');
export const EMPTY_DICT = letter('}');
export const SETITEM = letter('s');
export const BINPERSID = letter('Q');
export const NEWOBJ = bytes(0x81);
export const TUPLE1 = bytes(0x85);
export const TUPLE2 = bytes(0x86);
export const TUPLE3 = bytes(0x87);
export const NEWTRUE = bytes(0x88);
export const NEWFALSE = bytes(0x89);
export const EMPTY_SET = bytes(0x8f);
export const ADDITEMS = bytes(0x90);
export const FROZENSET = bytes(0x91);
export const NEWOBJ_EX = bytes(0x92);
export const STACK_GLOBAL = bytes(0x93);
export const MEMOIZE = bytes(0x94);

export const proto = (version: number): Uint8Array => bytes(0x80, version);
export const frame = (content: Uint8Array): Uint8Array => join(bytes(0x95), u64(content.length), content);
export const global = (module: string, name: string): Uint8Array => utf8(`c${module}\n${name}\n`);
export const inst = (module: string, name: string): Uint8Array => utf8(`i${module}\n${name}\n`);
export const persid = (id: string): Uint8Array => utf8(`P${id}\n`);
export const ext1 = (code: number): Uint8Array => bytes(0x82, code);
export const ext2 = (code: number): Uint8Array => join(bytes(0x83), u16(code));
export const ext4 = (code: number): Uint8Array => join(bytes(0x84), u32(code));

export const put = (index: number): Uint8Array => utf8(`p${index}\n`);
export const get = (index: number): Uint8Array => utf8(`g${index}\n`);
export const binput = (index: number): Uint8Array => join(letter('q'), bytes(index));
export const binget = (index: number): Uint8Array => join(letter('h'), bytes(index));
export const longBinput = (index: number): Uint8Array => join(letter('r'), u32(index));
export const longBinget = (index: number): Uint8Array => join(letter('j'), u32(index));

/** UNICODE: a line of text. */
export const line = (text: string): Uint8Array => utf8(`V${text}\n`);
/** STRING: text in quotes, as Python 2 wrote it. */
export const quoted = (text: string): Uint8Array => utf8(`S'${text}'\n`);
export const shortBinstring = (text: string): Uint8Array =>
  join(letter('U'), bytes(utf8(text).length), utf8(text));
export const binunicode = (text: string): Uint8Array => join(letter('X'), u32(utf8(text).length), utf8(text));
export const shortBinunicode = (text: string): Uint8Array =>
  join(bytes(0x8c), bytes(utf8(text).length), utf8(text));
export const binunicode8 = (text: string): Uint8Array =>
  join(bytes(0x8d), u64(utf8(text).length), utf8(text));
export const binbytes = (content: Uint8Array): Uint8Array => join(letter('B'), u32(content.length), content);
export const binint1 = (value: number): Uint8Array => join(letter('K'), bytes(value));
export const binint = (value: number): Uint8Array => join(letter('J'), u32(value >>> 0));

/** @returns a tuple of texts. */
export const texts = (...values: readonly string[]): Uint8Array =>
  join(MARK, ...values.map((value) => binunicode(value)), TUPLE);
/** @returns an import by names that lie on the stack. */
export const stackGlobal = (module: string, name: string): Uint8Array =>
  join(shortBinunicode(module), shortBinunicode(name), STACK_GLOBAL);
/** @returns a whole pickle of protocol 2 or above. */
export const pickle = (version: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  join(proto(version), ...parts, STOP);

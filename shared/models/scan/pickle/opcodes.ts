/** The opcodes of protocols 0 to 5, as Lib/pickletools.py of CPython defines them: a byte, and how its argument is read. */

/** Arguments of a fixed length are that length; these are the others. */
export const LINE = 16;
export const TWO_LINES = 17;
/** A length of 1, 4 or 8 bytes, then as many bytes. */
export const COUNTED_1 = 18;
export const COUNTED_4 = 19;
export const COUNTED_8 = 20;
export const NO_OPCODE = 255;

/** Byte of the opcode and argument, by name. */
const TABLE = {
  MARK: ['(', 0],
  STOP: ['.', 0],
  POP: ['0', 0],
  POP_MARK: ['1', 0],
  DUP: ['2', 0],
  FLOAT: ['F', LINE],
  INT: ['I', LINE],
  BININT: ['J', 4],
  BININT1: ['K', 1],
  LONG: ['L', LINE],
  BININT2: ['M', 2],
  NONE: ['N', 0],
  PERSID: ['P', LINE],
  BINPERSID: ['Q', 0],
  REDUCE: ['R', 0],
  STRING: ['S', LINE],
  BINSTRING: ['T', COUNTED_4],
  SHORT_BINSTRING: ['U', COUNTED_1],
  UNICODE: ['V', LINE],
  BINUNICODE: ['X', COUNTED_4],
  APPEND: ['a', 0],
  BUILD: ['b', 0],
  GLOBAL: ['c', TWO_LINES],
  DICT: ['d', 0],
  EMPTY_DICT: ['}', 0],
  APPENDS: ['e', 0],
  GET: ['g', LINE],
  BINGET: ['h', 1],
  INST: ['i', TWO_LINES],
  LONG_BINGET: ['j', 4],
  LIST: ['l', 0],
  EMPTY_LIST: [']', 0],
  OBJ: ['o', 0],
  PUT: ['p', LINE],
  BINPUT: ['q', 1],
  LONG_BINPUT: ['r', 4],
  SETITEM: ['s', 0],
  TUPLE: ['t', 0],
  EMPTY_TUPLE: [')', 0],
  SETITEMS: ['u', 0],
  BINFLOAT: ['G', 8],
  BINBYTES: ['B', COUNTED_4],
  SHORT_BINBYTES: ['C', COUNTED_1],
  PROTO: ['\x80', 1],
  NEWOBJ: ['\x81', 0],
  EXT1: ['\x82', 1],
  EXT2: ['\x83', 2],
  EXT4: ['\x84', 4],
  TUPLE1: ['\x85', 0],
  TUPLE2: ['\x86', 0],
  TUPLE3: ['\x87', 0],
  NEWTRUE: ['\x88', 0],
  NEWFALSE: ['\x89', 0],
  LONG1: ['\x8a', COUNTED_1],
  LONG4: ['\x8b', COUNTED_4],
  SHORT_BINUNICODE: ['\x8c', COUNTED_1],
  BINUNICODE8: ['\x8d', COUNTED_8],
  BINBYTES8: ['\x8e', COUNTED_8],
  EMPTY_SET: ['\x8f', 0],
  ADDITEMS: ['\x90', 0],
  FROZENSET: ['\x91', 0],
  NEWOBJ_EX: ['\x92', 0],
  STACK_GLOBAL: ['\x93', 0],
  MEMOIZE: ['\x94', 0],
  FRAME: ['\x95', 8],
  BYTEARRAY8: ['\x96', COUNTED_8],
  NEXT_BUFFER: ['\x97', 0],
  READONLY_BUFFER: ['\x98', 0],
} as const satisfies Record<string, readonly [string, number]>;

type OpcodeName = keyof typeof TABLE;

/** The byte of each opcode. */
export const OPCODE = Object.fromEntries(
  Object.entries(TABLE).map(([name, [byte]]) => [name, byte.charCodeAt(0)]),
) as Record<OpcodeName, number>;

/** How the argument of each byte's opcode is read. */
export const ARGUMENT: Uint8Array = new Uint8Array(256).fill(NO_OPCODE);
for (const [byte, argument] of Object.values(TABLE)) ARGUMENT[byte.charCodeAt(0)] = argument;

import { OPCODE } from './opcodes.ts';
import type { Unpickler } from './unpickler.ts';
import { Tuple } from './values.ts';

// By themselves, so that the engine compares with numbers and does not look them up.
const {
  ADDITEMS,
  APPEND,
  APPENDS,
  BINFLOAT,
  BINGET,
  BININT,
  BININT1,
  BININT2,
  BINPERSID,
  BINPUT,
  DICT,
  DUP,
  EMPTY_DICT,
  EMPTY_LIST,
  EMPTY_SET,
  EMPTY_TUPLE,
  EXT1,
  EXT2,
  EXT4,
  FROZENSET,
  LIST,
  LONG_BINGET,
  LONG_BINPUT,
  MARK,
  MEMOIZE,
  NEWFALSE,
  NEWOBJ,
  NEWOBJ_EX,
  NEWTRUE,
  NEXT_BUFFER,
  NONE,
  OBJ,
  POP,
  POP_MARK,
  PROTO,
  READONLY_BUFFER,
  REDUCE,
  SETITEM,
  SETITEMS,
  STACK_GLOBAL,
  TUPLE,
  TUPLE1,
  TUPLE2,
  TUPLE3,
} = OPCODE;

/** Tuples, and arguments, up to so many values are looked into. */
export const MOST_ITEMS = 16;
/** Keys and values that come at once, at most: picklers write a thousand pairs. */
const MOST_PAIRED = 4000;
/** In a list that is looked into. */
const MOST_RESPONSES = 4;
const NO_ITEMS = new Tuple([]);

/** Numbers below 0 stand for texts: nothing is known of them. */
const count = (value: number): number | undefined => (value < 0 ? undefined : value);

/**
 * Does what an opcode with an argument of fixed length does, but for BUILD, STOP and FRAME, which change where the reading goes
 * on. @param at of the argument.
 */
export function applyFixed(unpickler: Unpickler, opcode: number, buffer: Buffer, at: number): void {
  const { stack } = unpickler;
  switch (opcode) {
    case MEMOIZE:
      unpickler.put(unpickler.memo.count);
      return;
    case BININT1:
      stack.push(buffer[at]);
      return;
    case BINGET:
      unpickler.get(buffer[at]!);
      return;
    case LONG_BINGET:
      unpickler.get(buffer.readUInt32LE(at));
      return;
    case BINPUT:
      unpickler.put(buffer[at]!);
      return;
    case LONG_BINPUT:
      unpickler.put(buffer.readUInt32LE(at));
      return;
    case BININT2:
      stack.push(buffer.readUInt16LE(at));
      return;
    case BININT:
      stack.push(count(buffer.readInt32LE(at)));
      return;
    case NONE:
      stack.push(null);
      return;
    case NEWTRUE:
      stack.push(true);
      return;
    case NEWFALSE:
      stack.push(false);
      return;
    case EXT1:
    case EXT2:
    case EXT4:
      unpickler.events.unresolved(
        'it is a number in the registry of the machine that loads it',
        unpickler.offset,
        false,
      );
      stack.push(undefined);
      return;
    case PROTO:
      if (buffer[at]! > 5) unpickler.problem(`is of protocol ${buffer[at]}, which there is not`);
      else unpickler.protocol = buffer[at]!;
      return;
    case EMPTY_LIST:
      unpickler.list([]);
      return;
    case BINFLOAT:
    case EMPTY_SET:
      stack.push(undefined);
      return;
    case NEXT_BUFFER:
      unpickler.persistent(undefined);
      return;
    default:
      applyToStack(unpickler, opcode);
  }
}

/** Opcodes that make something of what lies on the stack. */
function applyToStack(unpickler: Unpickler, opcode: number): void {
  const { stack } = unpickler;
  switch (opcode) {
    case MARK:
      stack.mark();
      return;
    case POP:
      stack.discard();
      return;
    case POP_MARK:
      stack.popMark(0);
      return;
    case DUP:
      unpickler.repeat();
      return;
    case READONLY_BUFFER:
      stack.top();
      return;
    case EMPTY_TUPLE:
      stack.push(NO_ITEMS);
      return;
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
      unpickler.tuple(opcode - TUPLE1 + 1);
      return;
    case TUPLE: {
      const items = stack.popMark(MOST_ITEMS);
      if (items) unpickler.pushTuple(items);
      else stack.push(undefined);
      return;
    }
    case LIST:
      unpickler.list(stack.popMark(MOST_RESPONSES));
      return;
    case FROZENSET:
      stack.popMark(0);
      stack.push(undefined);
      return;
    case EMPTY_DICT:
      unpickler.dictionary([]);
      return;
    case DICT:
      stack.forEachPair((key, value) => unpickler.entry(key, value));
      unpickler.dictionary(stack.popMark(unpickler.wantsEntries ? MOST_PAIRED : 0));
      return;
    case APPEND:
      unpickler.append([stack.pop()]);
      return;
    case APPENDS:
      unpickler.append(stack.popMark(MOST_RESPONSES));
      return;
    case ADDITEMS:
      stack.popMark(0);
      unpickler.changes(stack.top(), 'added');
      return;
    case SETITEM: {
      const value = stack.pop();
      const key = stack.pop();
      unpickler.entry(key, value);
      unpickler.setEntries(stack.top(), [key, value]);
      return;
    }
    case SETITEMS: {
      stack.forEachPair((key, value) => unpickler.entry(key, value));
      const items = stack.popMark(unpickler.wantsEntries ? MOST_PAIRED : 0);
      unpickler.setEntries(stack.top(), items);
      return;
    }
    case REDUCE:
      unpickler.call(false);
      return;
    case NEWOBJ:
      unpickler.call(true);
      return;
    case NEWOBJ_EX:
      stack.pop();
      unpickler.call(false);
      return;
    case OBJ: {
      const items = stack.popMark(MOST_ITEMS + 1);
      if (items?.length === 0) unpickler.problem('calls nothing');
      unpickler.callWith(items?.[0], items?.slice(1));
      return;
    }
    case STACK_GLOBAL:
      unpickler.importNamed();
      return;
    case BINPERSID:
      unpickler.persistent(stack.pop());
      return;
    default:
      throw new RangeError(`0x${opcode.toString(16)} is an opcode of another kind`);
  }
}

import { MOST_ITEMS } from './fixed-opcodes.ts';
import { OPCODE } from './opcodes.ts';
import { isFloatLine, isIntegerLine, placeIn, quotedName, rawUnicodeName } from './text.ts';
import type { Unpickler } from './unpickler.ts';

/** GLOBAL and INST, whose arguments are two lines. */
export function applyNamed(unpickler: Unpickler, opcode: number, module: string, name: string): void {
  unpickler.import(module, name);
  if (opcode === OPCODE.GLOBAL) return;
  const made = unpickler.stack.pop();
  unpickler.callWith(made, unpickler.stack.popMark(MOST_ITEMS));
}

/** Does what an opcode with one line as its argument does. */
export function applyLine(unpickler: Unpickler, opcode: number, line: string): void {
  const { stack, texts } = unpickler;
  switch (opcode) {
    case OPCODE.INT:
    case OPCODE.LONG:
      if (!isIntegerLine(line)) unpickler.problem('has no number where one belongs');
      stack.push(opcode === OPCODE.INT && /^0[01]$/.test(line) ? line === '01' : countIn(line));
      return;
    case OPCODE.FLOAT:
      if (!isFloatLine(line)) unpickler.problem('has no number where one belongs');
      stack.push(undefined);
      return;
    case OPCODE.STRING: {
      const text = quotedName(line);
      if (text === undefined) unpickler.problem('has a text without quotes');
      stack.push(text === undefined ? text : texts.takeText(text));
      return;
    }
    case OPCODE.UNICODE:
      stack.push(texts.takeText(rawUnicodeName(line)));
      return;
    case OPCODE.PERSID:
      unpickler.persistent(texts.takeText(line));
      return;
    default: {
      const place = placeIn(line);
      if (place === undefined) unpickler.problem('names no place in its memo');
      else if (opcode === OPCODE.GET) unpickler.get(place);
      else unpickler.put(place);
    }
  }
}

/** Lengths and counts, as a pickler writes them; nothing is known of other numbers. */
const countIn = (line: string): number | undefined =>
  /^(?:0|[1-9]\d{0,14})L?$/.test(line) ? Number.parseInt(line, 10) : undefined;

import { isKnownModule } from './judge.ts';
import { Machine } from './machine.ts';
import { ARGUMENT, NO_OPCODE, OPCODE } from './opcodes.ts';
import type { UnpicklerEvents } from './unpickler.ts';

/** Pickles one after the other that are tried on one head. */
const MOST_TRIED = 64;

/**
 * Whether a stream may be a pickle, by running the machine on its head. Text, tables and the bytes of tensors fail at an
 * unpickler's first steps; what fails before it imports anything is harmless, and no pickle. What is good opcodes up to
 * the end of the head may be one: nobody can tell what an unpickler finds behind it.
 * @param head the first bytes, a few thousand are enough. @param size of the whole stream, where it is known.
 */
export function looksLikePickle(head: Uint8Array, size?: number): boolean {
  if (head.length < 2 || ARGUMENT[head[0]!] === NO_OPCODE) return false;
  const whole = size ?? Number.POSITIVE_INFINITY;
  const bytes = new Uint8Array(head);
  let from = 0;
  for (let tried = 0; tried < MOST_TRIED; tried++) {
    const trial = tryOne(bytes, from, whole);
    if (trial === 'no') return false;
    if (trial === 'yes') return true;
    from = trial;
    if (from >= bytes.length) return true;
  }
  return true;
}

/** @returns where the next pickle would begin, if this one ends without an import. */
function tryOne(bytes: Uint8Array<ArrayBuffer>, from: number, size: number): 'yes' | 'no' | number {
  const isMarked = bytes[from] === OPCODE.PROTO && bytes[from + 1]! <= 5;
  if (isMarked && bytes[from + 2] === OPCODE.FRAME) return 'yes';
  let imports = 0;
  let isSure = false;
  const used = () => {
    // INST takes its mark before it imports: without one, nothing has happened.
    if (imports > 0 && !machine.hasFailed) isSure = true;
  };
  const events: UnpicklerEvents = {
    imported: ({ module, name }) => {
      if (/^[\w.]+$/.test(module) && /^[\w.]+$/.test(name)) imports += 1;
      if (imports > 0 && isKnownModule(module)) isSure = true;
    },
    called: used,
    patched: used,
    refused: used,
    unresolved: (_why, _offset, isNamed) => {
      isSure ||= isMarked || isNamed;
    },
    calledUnknown: () => undefined,
    reaches: () => undefined,
    persistent: () => undefined,
    problem: () => undefined,
  };
  const machine = new Machine(events, { strict: true });
  let at = from;
  for (;;) {
    at = machine.advance(bytes, at, bytes.length, 0, size <= bytes.length);
    if (isSure || (isMarked && imports > 0)) return 'yes';
    if (machine.pause === 'stopped') return isMarked || imports > 0 ? 'yes' : at;
    if (machine.pause === 'failed') return 'no';
    // More than the head is there, or the machine would have failed.
    if (machine.pause !== 'payload') return 'yes';
    at += machine.wants;
    if (at >= bytes.length) return at < size ? 'yes' : 'no';
    machine.passed(machine.skipped);
  }
}

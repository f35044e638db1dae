import type { ByteReader } from '../byte-reader.ts';
import { isCalledInCheckpoint, isCheckpointMetadata, isCheckpointObject } from '../checkpoint/names.ts';
import { type Found, shortened } from '../finding.ts';
import type { ScanContext, ScanInput, Scanner } from '../scan-input.ts';
import { judge, judgeCall } from './judge.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { OPCODE } from './opcodes.ts';
import { type PickleEvents, readPickle } from './read-pickle.ts';
import { beginsLegacyTorch, LegacyStorages, PICKLES_OF_LEGACY_TORCH } from './torch-legacy.ts';
import type { Import, Value } from './values.ts';

/** Names, and problems, beyond so many are not told one by one. */
const MOST_NAMES = 10_000;
const MOST_PROBLEMS = 20;
/** In characters: no module has a longer one, and those that have are not kept. */
const LONGEST_NAME = 1_000;
const HEAD_BYTES = 4096;
const GETATTR: Import = { module: 'builtins', name: 'getattr' };

/** Looks into pickles, of which several may lie one after the other, as joblib and old torch write them too. */
export const scanPickle: Scanner = async (input, context) => {
  const { reader } = input;
  await reader.ensure(HEAD_BYTES);
  const storages = beginsLegacyTorch(headOf(reader)) ? new LegacyStorages() : undefined;
  const tale = new Tale(input, context, storages);
  for (let pickles = 1; ; pickles++) {
    const isMarked = reader.available > 0 && reader.bytes[reader.position] === OPCODE.PROTO;
    const ended = await readPickle(reader, tale.events);
    context.signal.throwIfAborted();
    // Bytes without a mark that fail before they import anything are no pickle, and harmless.
    if (ended === 'failed' && pickles === 1 && !isMarked && !tale.hasImports && input.role !== 'pickle')
      return;
    tale.settle();
    if (ended === 'failed' || (await reader.isAtEnd())) return;
    const hasMore = await reader.ensure(HEAD_BYTES);
    if (storages && pickles === PICKLES_OF_LEGACY_TORCH) {
      const { offset } = reader;
      const rest = await reader.skip(Number.MAX_SAFE_INTEGER);
      if (rest !== storages.bytes) tale.behind(rest, offset);
      return;
    }
    if (storages && pickles < PICKLES_OF_LEGACY_TORCH) continue;
    const left = input.size === undefined ? undefined : input.size - reader.offset;
    if (looksLikePickle(headOf(reader), hasMore ? left : reader.available)) continue;
    const { offset } = reader;
    tale.behind(await reader.skip(Number.MAX_SAFE_INTEGER), offset);
    return;
  }
};

const headOf = (reader: ByteReader): Uint8Array =>
  reader.bytes.subarray(reader.position, Math.min(reader.end, reader.position + HEAD_BYTES));

/** Makes findings of what the machine tells. */
export class Tale {
  hasImports = false;
  readonly events: PickleEvents;
  readonly #context: ScanContext;
  readonly #names = new Set<string>();
  readonly #told = new Set<string>();
  readonly #isOfTorch: boolean;
  /** Whether all that it makes is looked at by itself: see torch-checkpoint.ts. */
  readonly #isCheckpointMetadata: boolean;
  #waiting: Found[] = [];

  constructor(input: ScanInput, context: ScanContext, storages: LegacyStorages | undefined) {
    this.#context = context;
    this.#isOfTorch = input.role === 'pickle' && input.place.members.length > 0;
    this.#isCheckpointMetadata = input.role === undefined && isCheckpointMetadata(input.place);
    const mayAskOutside = storages !== undefined || this.#isOfTorch;
    this.events = {
      imported: (what, offset) => this.#imported(what, offset),
      called: (what, how, offset) => {
        const danger = judgeCall(what, how);
        if (danger !== undefined) this.#found(what, `\`${what.module}.${what.name}\` ${danger}.`, offset);
      },
      calledUnknown: (offset) => {
        const what = 'Something is called that is no import: what another call made, or what cannot be told.';
        this.#once({ rule: 'pickle-import-unresolved', offset, what });
      },
      reaches: (offset) => this.#judged(GETATTR, offset),
      unresolved: (why, offset, isNamed) => {
        this.hasImports ||= isNamed;
        this.#once({ rule: 'pickle-import-unresolved', offset, what: `Something is imported, and ${why}.` });
      },
      problem: (what, offset) => this.#once({ rule: 'pickle-broken', offset, what: `The pickle ${what}.` }),
      patched: ({ module, name }, offset) =>
        this.#once({
          rule: 'pickle-patches-import',
          offset,
          what: `The attributes of \`${module}.${name}\` are changed.`,
        }),
      refused: (what, why, offset) => this.#found(what, `\`${what.module}.${what.name}\` ${why}.`, offset),
      persistent: (id: Value, offset) => {
        if (storages) storages.add(id);
        if (mayAskOutside) return;
        const what = 'The pickle asks its loader for data outside of it.';
        this.#once({ rule: 'pickle-outside-data', offset, what });
      },
      nested: (stream, size, offset) => context.inner(`bytes at ${offset}`, { reader: stream, size }),
    };
  }

  /** Tells what waits for the end of a pickle. */
  settle(): void {
    for (const found of this.#waiting) this.#context.report(found);
    this.#waiting = [];
  }

  behind(count: number, offset: number): void {
    const what = `${count.toLocaleString('en-US')} bytes follow the end of the pickle, and are none.`;
    this.#context.report({ rule: 'pickle-bytes-after-stop', offset, what });
  }

  #imported(what: Import, offset: number): void {
    this.hasImports = true;
    const key = `${what.module} ${what.name}`;
    if (key.length > LONGEST_NAME) {
      const name = shortened(`${what.module}.${what.name}`, 200);
      this.#once({ rule: 'pickle-import', offset, what: `\`${name}\` is imported, which no module has.` });
      return;
    }
    if (this.#names.has(key)) return;
    if (this.#names.size >= MOST_NAMES) {
      this.#once({
        rule: 'pickle-broken',
        offset,
        what: `The pickle imports more than ${MOST_NAMES} names.`,
      });
      return;
    }
    this.#names.add(key);
    // Judged by how it is used, once the pickle has ended.
    if (key !== `${GETATTR.module} ${GETATTR.name}`) this.#judged(what, offset);
  }

  #judged(what: Import, offset: number): void {
    const isOfCheckpoint =
      isCheckpointObject(what.module, what.name) || isCalledInCheckpoint(what.module, what.name);
    if (this.#isCheckpointMetadata && isOfCheckpoint) return;
    const danger = judge(what, this.#isOfTorch);
    if (danger)
      this.#found(what, `\`${what.module}.${what.name}\` is imported, which ${danger.what}.`, offset);
  }

  #found({ module, name }: Import, what: string, offset: number): void {
    this.#waiting.push({ rule: 'pickle-import', offset, what, name: `${module}.${name}` });
    if (this.#waiting.length > MOST_PROBLEMS) this.settle();
  }

  #once(found: Found): void {
    if (this.#told.size >= MOST_PROBLEMS || this.#told.has(found.what)) return;
    this.#told.add(found.what);
    this.#waiting.push(found);
  }
}

/** Mutates, scans, judges, and keeps what reached something new. */
import type { Dice } from './dice.ts';
import { type Fault, judged, skeleton } from './faults.ts';
import { Features } from './features.ts';
import type { Look } from './look.ts';
import { WORDS } from './plain-seeds.ts';
import type { Parser } from './seeds.ts';
import { mutate } from './structure.ts';

export interface FuzzOptions {
  parser: Parser;
  seeds: readonly Uint8Array[];
  dice: Dice;
  look: Look;
  temporaryFolder: string;
  /** Hears of each case before it is scanned. */
  begins?(bytes: Uint8Array): void;
  /** Hears of each fault that is not like one before. */
  failed(fault: Fault, bytes: Uint8Array): void;
  /** Asked before each case. */
  isOver(cases: number): boolean;
}

export interface Fuzzed {
  cases: number;
  /** How many files are kept, seeds among them. */
  corpus: number;
}

const MOST_KEPT = 5_000;
/** Half of the cases are made of the newest of these. */
const MOST_RECENT = 64;

export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  const { seeds, dice, look, temporaryFolder, parser } = options;
  const corpus = [...seeds];
  const features = new Features();
  const told = new Set<string>();
  const material = { dice, other: () => dice.pick(corpus), words: WORDS[parser] ?? [] };

  const run = async (bytes: Uint8Array): Promise<boolean> => {
    options.begins?.(bytes);
    const sizes = dice.chance(0.25) ? [dice.length(64), dice.length(5000)] : undefined;
    const { outcome, faults } = await judged(look, bytes, { sizes, temporaryFolder });
    for (const fault of faults) {
      const key = `${fault.kind} ${skeleton(fault.what)}`;
      if (told.has(key)) continue;
      told.add(key);
      options.failed(fault, bytes);
    }
    return features.areNew(outcome);
  };
  const keep = (bytes: Uint8Array) => {
    if (corpus.length < MOST_KEPT) corpus.push(bytes);
    else corpus[seeds.length + dice.below(corpus.length - seeds.length)] = bytes;
  };

  for (const seed of seeds) await run(seed);
  let cases = seeds.length;
  for (; !options.isOver(cases); cases++) {
    const recent = dice.chance(0.5) ? Math.max(0, corpus.length - MOST_RECENT) : 0;
    const bytes = mutate(corpus[recent + dice.below(corpus.length - recent)]!, parser, material);
    if (await run(bytes)) keep(bytes);
  }
  return { cases, corpus: corpus.length };
}

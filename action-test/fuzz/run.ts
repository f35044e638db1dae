/**
 * Fuzzes the parsers of the safety scan: `npm test -- --fuzz [--minutes 10] [--seed 1] [--coverage] [--input FILE] [parser …]`.
 * Ends with 1 where anything was found.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judged, skeleton } from './faults.ts';
import { lookWith } from './look.ts';
import { savedByLibraries } from './saved-seeds.ts';
import { PARSERS, type Parser } from './seeds.ts';
import { type Found, watch } from './watch.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    /** Scans one input again, and says what is wrong with it. */
    input: { type: 'string' },
    /** Says how much code was reached. */
    coverage: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
const inputs = join(tmpdir(), 'fuzz-inputs');
/** Starts of one parser whose process was ended by what it found. */
const MOST_STARTS = 5;
const SECONDS_PER_CASE = 5;
/** A case that takes more is worth a look, though no fault. */
const SLOW_SECONDS = 1;
const MEGABYTES = 700;

async function scanAgain(path: string): Promise<number> {
  const bytes = new Uint8Array(readFileSync(path));
  const { outcome, faults } = await judged(lookWith(folder), bytes, {
    sizes: [1, 7, 100],
    temporaryFolder: folder,
  });
  console.log(outcome.formats.join(' '));
  for (const { rule, members, offset, what } of outcome.findings)
    console.log([...members, rule, offset, what].join(' · '));
  for (const fault of faults) console.log(`FAULT ${fault.kind}: ${fault.what}`);
  return faults.length;
}

function say({ kind, what, path, seed }: Found): void {
  console.log(`  ${kind} (seed ${seed}): ${what.slice(0, 1500)}\n    ${path}`);
}

async function fuzzParser(parser: Parser, seeds: string): Promise<number> {
  const milliseconds = Number(values.minutes) * 60_000;
  const end = Date.now() + milliseconds;
  const told = new Set<string>();
  let faults = 0;
  for (let start = 0; start < MOST_STARTS && Date.now() < end; start++) {
    const order = {
      parser,
      seed: Number(values.seed) + start,
      milliseconds: end - Date.now(),
      folder: join(folder, parser),
      seeds,
      hasCoverage: values.coverage,
      secondsPerCase: SECONDS_PER_CASE,
      megabytes: MEGABYTES,
    };
    const known = told.size;
    const tell = (found: Found) => {
      const key = `${found.kind} ${skeleton(found.what)}`;
      if (told.has(key)) return;
      told.add(key);
      faults += 1;
      console.log(`${parser}:`);
      say(found);
    };
    const finished = await watch(order, { program: new URL('child.ts', import.meta.url), inputs, tell });
    // A process that ends as one before did would do so every time.
    if (!finished && told.size > known) continue;
    if (!finished) break;
    const { cases, corpus, seconds, slowest, reached } = finished;
    const code = reached
      ? `, ${((100 * reached.reached) / reached.all).toFixed(0)} % of ${reached.all} characters of code reached`
      : '';
    console.log(
      `${parser}: ${cases} cases in ${seconds.toFixed(0)} s (${(cases / seconds).toFixed(0)} per second), ${corpus} kept, the slowest case took ${slowest.seconds.toFixed(2)} s${code}.`,
    );
    if (slowest.seconds > SLOW_SECONDS) {
      const path = join(inputs, `${parser}-slow`);
      mkdirSync(inputs, { recursive: true });
      writeFileSync(path, Buffer.from(slowest.input, 'base64'));
      console.log(`  slow: ${path}`);
    }
    break;
  }
  return faults;
}

function parsersOf(words: readonly string[]): readonly Parser[] {
  const unknown = words.filter((word) => !(PARSERS as readonly string[]).includes(word));
  if (unknown.length > 0)
    throw new Error(`No parser is called ${unknown[0]}: they are ${PARSERS.join(', ')}.`);
  return words.length > 0 ? (words as Parser[]) : PARSERS;
}

async function fuzzAll(): Promise<number> {
  const waiting = [...parsersOf(positionals)];
  const seeds = join(folder, 'seeds');
  mkdirSync(seeds);
  for (const remark of savedByLibraries(seeds)) console.log(remark);
  let faults = 0;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const found = await fuzzParser(next, seeds);
      faults += found;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  console.log(faults === 0 ? 'Nothing was found.' : `${faults} faults; the inputs are in ${inputs}.`);
  return faults;
}

const faults = await (values.input === undefined ? fuzzAll() : scanAgain(values.input)).finally(() =>
  rmSync(folder, { recursive: true, force: true }),
);
process.exitCode = faults === 0 ? 0 : 1;

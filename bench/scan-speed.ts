/**
 * The safety scan of model files of 1 GB, and of small ones that unpack to 100 GB, as the built action and as a process
 * of its own. Beside it, on the same files, the command lines of other scanners, and what only unpacks: for a deflated
 * archive no scan on one core is faster than that.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Benchmark } from './measure.ts';
import { buildInto, medianOf, onCores, type Run, runAction, timed } from './run-action.ts';

const FILE_BYTES = 1_000_000_000;
const ROUNDS = 3;
const LIMITS = { bytesPerSecond: 200e6, bytes: 200e6, bombSeconds: 1 };
/** A rival that is slower on one file is given up. */
const LONGEST_SECONDS = 60;

/** Inflated by Python's zlib, by which the other scanners read as well: what an archive of arrays takes at least. */
const INFLATE = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in archive.namelist():
        with archive.open(name) as member:
            while member.read(1 << 20): pass`;

const RIVALS: Record<string, (file: string) => string[]> = {
  picklescan: (file) => ['--path', file],
  modelscan: (file) => ['--path', file],
  fickling: (file) => ['--check-safety', '--json-output', '/dev/null', file],
};

interface Measured {
  name: string;
  /** Bytes that it unpacks to. */
  unpacked: number;
  size: number;
  seconds: number;
  /** The largest resident set. */
  memory: number;
  verdict: string;
  /** Seconds of each rival, or what became of it; of what only unpacks. */
  others: Record<string, string>;
}

export async function benchmark(): Promise<Benchmark> {
  const [python, rivals] = [process.env.MLOPS_TEST_PYTHON, process.env.MLOPS_TEST_SCAN_RIVALS];
  if (!python || !rivals) {
    const what = python ? 'MLOPS_TEST_SCAN_RIVALS' : 'MLOPS_TEST_PYTHON';
    return { title: 'Safety scan', table: `Not measured: ${what} names no interpreter.`, withinLimit: false };
  }
  // Not in a folder that may lie in memory.
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'bench-scan-speed-'));
  try {
    const files = join(folder, 'files');
    await mkdir(files);
    await buildInto(join(folder, 'dist'));
    const { output } = timed(
      [python, join(import.meta.dirname, 'scan_speed_files.py'), files, String(FILE_BYTES)],
      { cwd: folder, env: process.env },
    );
    const unpacked = JSON.parse(output) as Record<string, number>;
    const all: Measured[] = [];
    for (const [name, bytes] of Object.entries(unpacked)) {
      all.push(await measure(join(files, name), bytes, { folder, python, rivals: dirname(rivals) }));
    }
    return describe(all);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  file: string,
  unpacked: number,
  { folder, python, rivals }: { folder: string; python: string; rivals: string },
): Promise<Measured> {
  const runs: Run[] = [];
  for (let round = 0; round < ROUNDS; round++) runs.push(await scan(file, folder));
  const others: Record<string, string> = {};
  for (const [rival, words] of Object.entries(RIVALS)) {
    others[rival] = secondsOf([join(rivals, rival), ...words(file)], folder);
  }
  if (file.endsWith('.npz')) others.unzip = secondsOf([python, '-c', INFLATE, file], folder);
  const output = await readFile(join(runs[0]!.folder, 'output'), 'utf8');
  return {
    name: file.slice(file.lastIndexOf('/') + 1),
    unpacked,
    size: (await stat(file)).size,
    seconds: medianOf(runs.map(({ seconds }) => seconds)),
    memory: Math.max(...runs.map(({ bytes }) => bytes)),
    verdict: /^verdict<<(\S+)\n(\w+)\n\1$/m.exec(output)?.[2] ?? 'none',
    others,
  };
}

function scan(file: string, folder: string): Promise<Run> {
  return runAction(
    'register-model',
    { name: 'speed', operation: 'scan', model: file, comment: 'never', 'fail-on': 'none' },
    { build: join(folder, 'dist'), parent: folder, toolCache: join(folder, 'tools') },
  );
}

/** How long a program takes, to whatever end it comes: a scanner that finds something does not end with 0. */
function secondsOf(words: readonly string[], folder: string): string {
  const [program, ...rest] = onCores(words);
  const begin = performance.now();
  const { signal } = spawnSync(program!, rest, {
    cwd: folder,
    stdio: 'ignore',
    timeout: LONGEST_SECONDS * 1000,
    killSignal: 'SIGKILL',
  });
  if (signal) return `over ${LONGEST_SECONDS}`;
  return ((performance.now() - begin) / 1000).toFixed(1);
}

const isBomb = ({ unpacked }: Measured): boolean => unpacked > 10 * FILE_BYTES;

function describe(all: readonly Measured[]): Benchmark {
  const names = [...Object.keys(RIVALS), 'unzip'];
  const row = (one: Measured): string => {
    const rate = isBomb(one) ? '' : (one.unpacked / 1e6 / one.seconds).toFixed(0);
    return `| ${one.name} | ${(one.size / 1e6).toFixed(0)} | ${(one.unpacked / 1e6).toFixed(0)} | ${one.verdict} | ${one.seconds.toFixed(2)} | ${rate} | ${(one.memory / 1e6).toFixed(0)} | ${names.map((name) => one.others[name] ?? '').join(' | ')} |`;
  };
  return {
    title: `Safety scan of model files (limits: ${LIMITS.bytesPerSecond / 1e6} MB/s, or as fast as unzipping where that is slower; ${LIMITS.bytes / 1e6} MB of memory; what unpacks to 100 GB is refused within ${LIMITS.bombSeconds} s)`,
    table: [
      `| file | MB | unpacked, MB | verdict | s | MB/s | memory, MB | ${names.map((name) => `${name}, s`).join(' | ')} |`,
      `|---|--:|--:|---|--:|--:|--:|${names.map(() => '--:').join('|')}|`,
      ...all.map(row),
    ].join('\n'),
    withinLimit: all.every(isWithinLimit),
  };
}

function isWithinLimit(one: Measured): boolean {
  if (one.memory > LIMITS.bytes) return false;
  if (isBomb(one)) return one.verdict === 'fail' && one.seconds <= LIMITS.bombSeconds;
  if (one.verdict !== 'pass') return false;
  const unzip = Number(one.others.unzip ?? 0);
  return one.seconds <= Math.max(one.unpacked / LIMITS.bytesPerSecond, unzip);
}

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a piece of work is made from and what it makes; paths are files or folders. */
export interface Work<Result> {
  id: string;
  from: string[];
  /** What else decides the result: parameters, versions. */
  words: string[];
  make: () => Promise<Result>;
  /** Paths that the result stands for. */
  outputs: (result: Result) => string[];
  /** Whether it came out well enough to be taken for the next time. */
  keep?: (result: Result) => boolean;
}

/**
 * Remembers what was made from what, so that a second run of the demo does not train again what would come out the
 * same: the key is the content of all that goes in, and what came out must still be as it was.
 */
export class Memory {
  readonly #folder: string;

  /** @param folder holds one small file per piece of work. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** @returns what `make` gave, now or in an earlier run; it must survive JSON. */
  async recall<Result>(work: Work<Result>): Promise<{ result: Result; again: boolean }> {
    const file = join(this.#folder, `${work.id}.json`);
    const key = hash(work.words, work.from);
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Known<Result>) : undefined;
    if (known?.key === key && known.made === hash([], work.outputs(known.result))) {
      return { result: known.result, again: false };
    }
    const result = await work.make();
    if (!work.keep || work.keep(result)) {
      const made = hash([], work.outputs(result));
      const temporary = `${file}.${process.pid}`;
      writeFileSync(temporary, JSON.stringify({ key, made, result } satisfies Known<Result>));
      renameSync(temporary, file);
    }
    return { result, again: true };
  }
}

interface Known<Result> {
  key: string;
  made: string;
  result: Result;
}

function hash(words: string[], paths: string[]): string {
  const sum = createHash('sha256').update(JSON.stringify(words));
  for (const file of paths.flatMap(filesOf)) {
    sum.update(JSON.stringify([file, existsSync(file)]));
    if (existsSync(file)) sum.update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return sum.digest('hex');
}

function filesOf(path: string): string[] {
  if (!existsSync(path) || statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

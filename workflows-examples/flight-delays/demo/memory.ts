import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a piece of work is made from and what it makes; paths are files or folders. */
export interface Work {
  from: string[];
  /** What else decides the result: parameters, versions. */
  words: string[];
  outputs: string[];
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

  /** @returns what `make` gave (it must survive JSON), now or in an earlier run. */
  async recall<Result>(id: string, work: Work, make: () => Promise<Result>): Promise<{ result: Result; again: boolean }> {
    const file = join(this.#folder, `${id}.json`);
    const key = hash(work.words, work.from);
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { key: string; made: string; result: Result }) : undefined;
    if (known?.key === key && known.made === hash([], work.outputs)) return { result: known.result, again: false };
    const result = await make();
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ key, made: hash([], work.outputs), result: result ?? null }));
    renameSync(temporary, file);
    return { result, again: true };
  }
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

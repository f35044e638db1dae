import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes JSON so that a reader, or a kill in between, finds the old content or the new one, never a part. */
export function storeJson(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, path);
}

/** What `storeJson` wrote, or undefined when there is no such file. @throws SyntaxError when it is no JSON. */
export function loadJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text);
}

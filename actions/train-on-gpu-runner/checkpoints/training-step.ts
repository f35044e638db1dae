import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LARGEST_JSON = 1 << 20;
/** `checkpoint-500`, `global_step500`, `epoch=3-step=1200.ckpt`, `ckpt_20.pt`, `iter_0000100`. */
const NAMED =
  /(?:^|[/._-])(?:global_?step|step|iter|iteration|checkpoint|ckpt)[=_-]?(\d{1,12})(?=$|[/._-])/gi;
const KEYS = ['step', 'global_step', 'iteration'] as const;

/**
 * The step of the newest checkpoint, where names say it, or else a JSON file of the first level (`step`, `global_step`,
 * `iteration`); null when neither does.
 * @param paths of the files, relative to the folder.
 */
export async function stepOf(folder: string, paths: readonly string[]): Promise<number | null> {
  const named = paths.flatMap((path) => [...path.matchAll(NAMED)].map(([, digits]) => Number(digits)));
  if (named.length > 0) return Math.max(...named);
  const steps: number[] = [];
  for (const path of paths.filter((each) => /^[^/]+\.json$/.test(each))) {
    const step = await stepIn(join(folder, path));
    if (step !== undefined) steps.push(step);
  }
  return steps.length > 0 ? Math.max(...steps) : null;
}

async function stepIn(path: string): Promise<number | undefined> {
  try {
    if ((await stat(path)).size > LARGEST_JSON) return undefined;
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (value === null || typeof value !== 'object') return undefined;
    const found = KEYS.map((key) => (value as Record<string, unknown>)[key]);
    return found.find((step): step is number => typeof step === 'number' && Number.isFinite(step));
  } catch {
    return undefined;
  }
}

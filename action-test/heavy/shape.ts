/** What a sample looks like without its numbers: the keys of its files and what stands there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReadable, parseContent } from '../../actions/evaluate-gate/metrics-files/parse-content.ts';

/** Of each file, by its name without what differs from run to run, the sorted `path: type` of everything in it. */
export async function shapeOf(
  folder: string,
  isSample: (path: string) => boolean,
): Promise<Record<string, string[]>> {
  const shapes: Record<string, string[]> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (!entry.isFile() || !isSample(path)) continue;
    const kinds = isReadable(path) ? await kindsOf(readFileSync(join(folder, path)), path) : [];
    shapes[plain(path)] = [...new Set([...(shapes[plain(path)] ?? []), ...kinds])].sort();
  }
  return shapes;
}

/** Ids, times and hashes are not of the shape. */
const plain = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{32}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d.:-]+Z?/g, 'TIME')
    .replace(/page_token=[^&]+/, 'page_token=TOKEN');

async function kindsOf(bytes: Uint8Array, path: string): Promise<string[]> {
  const content = await parseContent(Buffer.from(bytes), path);
  if (content.form === 'table') return content.header.map((name) => `${name}: column`);
  const kinds: string[] = [];
  collect(content.form === 'lines' ? content.values : content.value, '', kinds);
  return kinds;
}

function collect(value: unknown, path: string, kinds: string[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, `${path}[]`, kinds);
  else if (value !== null && typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) collect(inner, `${path}.${plain(key)}`, kinds);
  else kinds.push(`${path}: ${value === null ? 'null' : typeof value}`);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a runner takes from an action.yml: defaults of the inputs, and what to start. */
export interface ActionFile {
  defaults: Record<string, string>;
  main: string;
  post: string | undefined;
}

/**
 * Reads the three things from an action.yml of this repository. There are no packages here, so no YAML parser: the
 * files are flat and one line per key, and whatever else is met is refused.
 * @param token what the expression `${{ github.token }}` stands for.
 */
export function readActionFile(folder: string, token: string): ActionFile {
  const found: ActionFile = { defaults: {}, main: '', post: undefined };
  let section = '';
  let input = '';
  for (const line of readFileSync(join(folder, 'action.yml'), 'utf8').split('\n')) {
    const [, indent = '', key = '', value = ''] = /^( *)([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (key === '') continue;
    if (indent === '') section = key;
    else if (section === 'inputs' && indent.length === 2) input = key;
    else if (section === 'inputs' && key === 'default') found.defaults[input] = scalar(value, token);
    else if (section === 'runs' && key === 'main') found.main = join(folder, scalar(value, token));
    else if (section === 'runs' && key === 'post') found.post = join(folder, scalar(value, token));
  }
  if (!found.main) throw new Error(`${folder}/action.yml names no main`);
  return found;
}

function scalar(text: string, token: string): string {
  if (/^[|>&*[{]/.test(text)) throw new Error(`a value that is not on one plain line: ${text}`);
  const value = text.startsWith('"') ? String(JSON.parse(text)) : text.replace(/^'(.*)'$/, '$1');
  if (/^\$\{\{\s*github\.token\s*\}\}$/.test(value)) return token;
  if (value.includes('${{')) throw new Error(`an expression that is not known here: ${value}`);
  return value;
}

/** `--help`, generated from the action.yml that ships with the package, so that it cannot differ from it. */
import { readFile } from 'node:fs/promises';
import { ACTION_IDS, type ActionId } from '../shared/records/envelope.ts';
import { ACTION_DESCRIPTIONS } from './action-descriptions.ts';

interface ActionFile {
  description: string;
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs: Record<string, { description: string }>;
}

/** The folder that holds `actions/` and `package.json`, seen from the bundle (dist/cli) and from the source. */
async function readPackaged(path: string): Promise<string> {
  for (const up of ['../..', '..']) {
    const file = new URL(`${up}/${path}`, import.meta.url);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new Error(`${path} is missing from the package`);
}

async function readActionFile(id: ActionId): Promise<ActionFile> {
  const { parse } = await import('yaml');
  return parse(await readPackaged(`actions/${id}/action.yml`)) as ActionFile;
}

export async function version(): Promise<string> {
  return (JSON.parse(await readPackaged('package.json')) as { version: string }).version;
}

/** The list of actions. */
export function overview(): string {
  const lines = ACTION_IDS.map((id) => `  ${id.padEnd(22)}${ACTION_DESCRIPTIONS[id]}`);
  return [
    'Usage: mlops-actions <action> --<input> <value> …',
    '',
    'Actions:',
    ...lines,
    '',
    'mlops-actions <action> --help lists the inputs of one action.',
    '',
  ].join('\n');
}

/** The inputs and outputs of one action. */
export async function helpOf(id: ActionId): Promise<string> {
  const file = await readActionFile(id);
  const inputs = Object.entries(file.inputs).map(([name, input]) => {
    const fallback = input.default && !input.default.includes('${{') ? ` (default: ${input.default})` : '';
    return entry(`--${name}`, `${input.description.trim()}${input.required ? ' Required.' : fallback}`);
  });
  const outputs = Object.entries(file.outputs).map(([name, output]) =>
    entry(name, output.description.trim()),
  );
  return [
    `Usage: mlops-actions ${id} --<input> <value> …`,
    '',
    file.description,
    '',
    'Inputs:',
    ...inputs,
    '',
    'For the command line alone:',
    entry(
      '--format',
      'What standard output shows: markdown (the report) or json (the record). (default: markdown)',
    ),
    entry('--record', 'Write the record to this file too.'),
    entry('--help', 'This text.'),
    '',
    'Outputs (shown at the end, on standard error):',
    ...outputs,
    '',
  ].join('\n');
}

function entry(name: string, description: string): string {
  const text = description.replace(/\s+/g, ' ');
  return name.length < 26 ? `  ${name.padEnd(26)}${text}` : `  ${name}\n${' '.repeat(28)}${text}`;
}

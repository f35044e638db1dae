/** Every file (or part of a file) that is made from another: the one place that says what it must hold. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { scanAllowSchema } from '../shared/models/scan/allow.ts';
import { contractSchema } from '../shared/records/contract.ts';
import { driftPolicySchema } from '../shared/records/drift-policy.ts';
import { ACTION_IDS, type ActionId } from '../shared/records/envelope.ts';
import { gatePolicySchema } from '../shared/records/gate-policy.ts';
import { recordSchemas } from '../shared/records/kinds.ts';
import { rolloutSchema } from '../shared/records/rollout.ts';
import { root } from './bundle.ts';
import { checksPage } from './checks-page.ts';
import { metricsPage } from './metrics-page.ts';
import { scanPage } from './scan-page.ts';

export interface ActionFile {
  name: string;
  description: string;
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs: Record<string, { description: string }>;
  runs: { using: string; main: string; post?: string; 'post-if'?: string };
}

export async function readActionFile(id: ActionId): Promise<ActionFile> {
  return parse(await readFile(join(root, 'actions', id, 'action.yml'), 'utf8')) as ActionFile;
}

/** Path from the root → the whole text that must stand there. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const documents = {
    ...recordSchemas,
    DataContract: contractSchema,
    GatePolicy: gatePolicySchema,
    DriftPolicy: driftPolicySchema,
    Rollout: rolloutSchema,
    ScanAllow: scanAllowSchema,
  };
  for (const [name, schema] of Object.entries(documents)) {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    files.set(`schemas/${name}.json`, `${JSON.stringify({ title: name, ...json }, null, 2)}\n`);
  }
  files.set('docs/metrics.md', metricsPage());
  files.set('docs/checks.md', checksPage());
  files.set('docs/scan.md', scanPage());
  for (const id of ACTION_IDS) {
    const path = `actions/${id}/README.md`;
    const action = await readActionFile(id);
    let text = await readFile(join(root, path), 'utf8');
    text = replaceBetween(text, 'inputs', inputTable(action), path);
    text = replaceBetween(text, 'outputs', outputTable(action), path);
    files.set(path, text);
  }
  files.set('cli/action-descriptions.ts', await descriptionsFile());
  return files;
}

/** Read at every start of the command line, which would otherwise load a YAML parser to list six sentences. */
async function descriptionsFile(): Promise<string> {
  const lines = await Promise.all(
    ACTION_IDS.map(async (id) => {
      const { description } = await readActionFile(id);
      return `  '${id}':\n    '${description.replace(/['\\]/g, '\\$&')}',`;
    }),
  );
  return [
    '/** What each action does, as its action.yml says: made by `npm run generate`. */',
    "import type { ActionId } from '../shared/records/envelope.ts';",
    '',
    'export const ACTION_DESCRIPTIONS: Record<ActionId, string> = {',
    ...lines,
    '};',
    '',
  ].join('\n');
}

function replaceBetween(text: string, marker: string, content: string, path: string): string {
  const pattern = new RegExp(`(<!-- ${marker}:start -->)[\\s\\S]*?(<!-- ${marker}:end -->)`);
  if (!pattern.test(text))
    throw new Error(`${path} has no <!-- ${marker}:start --> … <!-- ${marker}:end -->`);
  return text.replace(pattern, (_, start, end) => `${start}\n${content}\n${end}`);
}

const cell = (text: string) =>
  text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');

function inputTable(action: ActionFile): string {
  const rows = Object.entries(action.inputs).map(([name, input]) => {
    const fallback = input.required ? '**required**' : input.default ? `\`${input.default}\`` : '';
    return `| \`${name}\` | ${cell(input.description)} | ${fallback} |`;
  });
  return ['| input | what it is | default |', '|---|---|---|', ...rows].join('\n');
}

function outputTable(action: ActionFile): string {
  const rows = Object.entries(action.outputs).map(
    ([name, output]) => `| \`${name}\` | ${cell(output.description)} |`,
  );
  return ['| output | what it is |', '|---|---|', ...rows].join('\n');
}

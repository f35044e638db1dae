/** The workflows that users copy name inputs and outputs that exist. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../scripts/bundle.ts';
import { readActionFile } from '../../scripts/generated-files.ts';
import { ACTION_IDS, type ActionId } from '../../shared/records/envelope.ts';

interface Step {
  id?: string;
  uses?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  permissions?: unknown;
  jobs: Record<string, { steps?: Step[] }>;
}

const OURS = /^(?:[\w-]+\/mlops-actions|\.)\/actions\/([\w-]+)(?:@v1)?$/;

/** All steps that use an action of ours, of one YAML text. */
function ourSteps(text: string): { step: Step; id: ActionId }[] {
  const workflow = parse(text) as Workflow;
  return Object.values(workflow.jobs)
    .flatMap((job) => job.steps ?? [])
    .flatMap((step) => {
      const id = ACTION_IDS.find((known) => known === OURS.exec(step.uses ?? '')?.[1]);
      return id ? [{ step, id }] : [];
    });
}

/** Complete workflows inside Markdown: fenced YAML that has jobs. */
function fencedWorkflows(markdown: string): string[] {
  return [...markdown.matchAll(/```ya?ml\n([\s\S]*?)```/g)]
    .map((match) => match[1]!)
    .filter((text) => /^jobs:/m.test(text));
}

async function workflowTexts(): Promise<[string, string][]> {
  const texts: [string, string][] = [];
  for (const folder of ['workflows-examples', '.github/workflows']) {
    for (const file of await readdir(join(root, folder))) {
      if (file.endsWith('.yml') && file !== 'zizmor.yml') {
        texts.push([`${folder}/${file}`, await readFile(join(root, folder, file), 'utf8')]);
      }
    }
  }
  for (const path of ['README.md', ...ACTION_IDS.map((id) => `actions/${id}/README.md`)]) {
    const found = fencedWorkflows(await readFile(join(root, path), 'utf8'));
    texts.push(...found.map((text, index): [string, string] => [`${path}, example ${index + 1}`, text]));
  }
  return texts;
}

const texts = await workflowTexts();

describe.each(texts)('%s', (_, text) => {
  test('gives only inputs that exist, and all that are required', async () => {
    for (const { step, id } of ourSteps(text)) {
      const { inputs } = await readActionFile(id);
      const given = Object.keys(step.with ?? {});
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(given));
      const required = Object.keys(inputs).filter((name) => inputs[name]!.required);
      expect(given).toEqual(expect.arrayContaining(required));
    }
  });

  test('reads only outputs that exist', async () => {
    for (const { step, id } of ourSteps(text)) {
      const { outputs } = await readActionFile(id);
      const read = [...text.matchAll(new RegExp(`steps\\.${step.id}\\.outputs\\.([\\w-]+)`, 'g'))].map(
        (match) => match[1],
      );
      expect(Object.keys(outputs)).toEqual(expect.arrayContaining(step.id ? read : []));
    }
  });

  test('says which permissions it needs', () => {
    expect(parse(text)).toHaveProperty('permissions');
  });
});

test('every action has a complete example in its README', () => {
  for (const id of ACTION_IDS) {
    const own = texts.filter(([path]) => path.startsWith(`actions/${id}/README.md`));
    expect(
      own.flatMap(([, text]) => ourSteps(text)).map((found) => found.id),
      id,
    ).toContain(id);
  }
});

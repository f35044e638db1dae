/** action.yml ↔ input schema ↔ outputs of the code ↔ bundles: four places that must say the same. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { loadDefinition } from '../../cli/definitions.ts';
import { root } from '../../scripts/bundle.ts';
import { readActionFile } from '../../scripts/generated-files.ts';
import { ACTION_IDS } from '../../shared/records/envelope.ts';
import { fieldMeta } from '../../shared/runtime/fields.ts';
import { inputName } from '../../shared/runtime/inputs.ts';

describe.each(ACTION_IDS)('%s', async (id) => {
  const [action, definition] = await Promise.all([readActionFile(id), loadDefinition(id)]);

  test('has in action.yml just the inputs of its schema, with their necessity and default', () => {
    const fromCode = Object.entries(definition.inputs.shape as Record<string, z.ZodType>).map(
      ([key, schema]) => {
        const meta = fieldMeta(schema);
        return [inputName(key), { required: meta.required, default: meta.expression ?? meta.default }];
      },
    );
    const fromFile = Object.entries(action.inputs).map(([name, input]) => [
      name,
      { required: input.required === true, default: input.default ?? '' },
    ]);
    expect(Object.fromEntries(fromFile)).toEqual(Object.fromEntries(fromCode));
  });

  test('has in action.yml just the outputs of its code', () => {
    expect(Object.keys(action.outputs).sort()).toEqual(
      [...definition.outputs, 'verdict', 'record', 'report'].sort(),
    );
  });

  test('describes each input and output in one plain sentence or more', () => {
    for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)]) {
      expect(description.trim()).toMatch(/^[A-Z`"].{10,}\.$/s);
    }
  });

  test('lists for each operation inputs that exist', () => {
    const keys = Object.keys(definition.inputs.shape);
    for (const names of Object.values(definition.operations ?? {}))
      expect(keys).toEqual(expect.arrayContaining([...names]));
  });

  test('runs on Node 24 from bundles that are committed', async () => {
    expect(action.runs.using).toBe('node24');
    expect(action.runs.main).toBe(`../../dist/${id}/index.mjs`);
    expect(action.runs.post).toBe(definition.post ? `../../dist/${id}/post.mjs` : undefined);
    const files = [action.runs.main, action.runs.post].filter((file) => file !== undefined);
    await Promise.all(files.map((file) => access(join(root, 'actions', id, file))));
  });
});

import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { parseYamlDocument } from './document.ts';

const schema = z.strictObject({
  version: z.literal(1),
  task: z.enum(['binary', 'regression']),
  metrics: z.array(z.strictObject({ name: z.string(), lower_bound: z.number().optional() })),
  extra: z.union([z.string(), z.strictObject({ deep: z.number() })]).optional(),
});

async function refusal(text: string): Promise<UserError> {
  const error = await parseYamlDocument(text, 'gate.yaml', schema).catch((caught: unknown) => caught);
  if (!(error instanceof UserError)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  return error;
}

describe('documents of people', () => {
  test('a good document is read, and its places are known', async () => {
    const document = await parseYamlDocument(
      'version: 1\ntask: binary\nmetrics:\n  - name: f1\n',
      'gate.yaml',
      schema,
    );
    expect(document.value.metrics).toEqual([{ name: 'f1' }]);
    expect(document.locate(['metrics', 0, 'name'])).toEqual({
      file: 'gate.yaml',
      line: 4,
      column: 11,
      key: 'metrics[0].name',
    });
    expect(document.locate(['metrics', 0, 'absent']).line).toBe(4);
  });

  test('a misspelt key names the place and the nearest known key', async () => {
    const error = await refusal('version: 1\ntask: binary\nmetrics:\n  - {name: f1, lower_bond: 1}\n');
    expect(error.message).toBe('Unknown key "lower_bond" in metrics[0].');
    expect(error.where).toMatchObject({ file: 'gate.yaml', line: 4 });
    expect(error.fix).toBe('Did you mean "lower_bound"?');
  });

  test('a misspelt required key is called misspelt, not missing', async () => {
    expect((await refusal('version: 1\ntask: binary\nmetrcs: []\n')).fix).toBe('Did you mean "metrics"?');
  });

  test('a wrong value names the nearest allowed one', async () => {
    const error = await refusal('version: 1\ntask: bynary\nmetrics: []\n');
    expect(error.fix).toBe('Did you mean "binary"?');
    expect(error.where).toMatchObject({ line: 2, column: 7 });
  });

  test('of a union the branch that got furthest speaks', async () => {
    expect((await refusal('version: 1\ntask: binary\nmetrics: []\nextra: {deep: x}\n')).where.key).toBe(
      'extra.deep',
    );
  });

  test('broken YAML, repeated keys and endless aliases are refused with their place', async () => {
    expect((await refusal('a: [1\nb: 2')).message).toContain('not valid YAML');
    expect((await refusal('version: 1\nversion: 2\n')).where.line).toBe(2);
    const bomb = `${Array.from(
      { length: 9 },
      (_, i) =>
        `l${i}: &l${i} [${
          i
            ? Array(9)
                .fill(`*l${i - 1}`)
                .join(',')
            : 'x'
        }]`,
    ).join('\n')}\n`;
    expect((await refusal(bomb)).message).toContain('aliases');
  });

  test('a file that is not there is a mistake of the user', async () => {
    const { readYamlDocument } = await import('./document.ts');
    await expect(readYamlDocument('/nowhere/gate.yaml', schema)).rejects.toThrow(/there is none/);
  });
});

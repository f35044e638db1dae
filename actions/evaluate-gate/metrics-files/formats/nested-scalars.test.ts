/** DVC's files, and any others of nested numbers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSample, readText, SAMPLES } from '../../fixtures/metrics-samples.ts';

describe('DVC', () => {
  const shown = JSON.parse(readFileSync(join(SAMPLES, 'dvc/dvc-metrics-show.json'), 'utf8'))[''].data;

  test.each(['metrics.yaml', 'metrics.toml', 'nested.json'])('%s is read as DVC reads it', async (name) => {
    const flat: Record<string, number> = {};
    const collect = (value: object, prefix: string): void => {
      for (const [key, inner] of Object.entries(value)) {
        if (typeof inner === 'number') flat[prefix + key] = inner;
        else if (typeof inner === 'object') collect(inner, `${prefix}${key}.`);
      }
    };
    collect(shown[name].data, '');
    expect((await readSample(`dvc/${name}`)).values).toEqual(flat);
    expect(flat['test.best.log_loss']).toBe(0.31);
  });

  test('what is nested or long beyond reason is refused', async () => {
    await expect(readText(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`)).rejects.toThrow(
      /nested deeper than 50/,
    );
    const many = Array.from({ length: 10_001 }, (_, index) => `"k${index}":1`).join(',');
    await expect(readText(`{${many}}`)).rejects.toThrow(/more than 10000 numbers/);
  });

  test('a number too large is infinite, a key __proto__ a key', async () => {
    const { numbers } = await readText('{"a": 1e999, "__proto__": {"b": 2}}');
    expect([...numbers].map(([key, { value }]) => [key, value])).toEqual([
      ['a', Number.POSITIVE_INFINITY],
      ['__proto__.b', 2],
    ]);
  });
});

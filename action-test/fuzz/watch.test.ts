/** However a process that fuzzes ends, it is told, with the input that it had in work. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Order } from './protocol.ts';
import { type Found, watch } from './watch.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuzz-watch-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function watched(name: string, more: Partial<Order> = {}) {
  const order: Order = {
    ...{ parser: 'text', seed: 1, milliseconds: 60_000, folder: join(folder, name), hasCoverage: false },
    ...{ secondsPerCase: 60, megabytes: 4_000 },
    ...more,
  };
  const found: Found[] = [];
  const program = new URL(`fixtures/${name}.ts`, import.meta.url);
  const finished = await watch(order, {
    program,
    inputs: join(folder, 'inputs'),
    tell: (one) => found.push(one),
  });
  const inputs = await Promise.all(found.map(({ path }) => readFile(path, 'utf8')));
  return { finished, found: found.map(({ kind, what }, index) => ({ kind, what, input: inputs[index] })) };
}

test('one that never comes back hangs', async () => {
  const { finished, found } = await watched('hangs', { secondsPerCase: 0.3 });
  expect(finished).toBeUndefined();
  expect(found).toEqual([{ kind: 'hang', what: expect.stringContaining('took'), input: 'in work' }]);
});

test('one that takes more and more memory grows', async () => {
  const { finished, found } = await watched('grows', { megabytes: 300 });
  expect(finished).toBeUndefined();
  expect(found).toEqual([{ kind: 'growth', what: expect.stringContaining('MiB'), input: 'in work' }]);
});

test('one that ends by itself crashes', async () => {
  const { finished, found } = await watched('ends');
  expect(finished).toBeUndefined();
  expect(found).toEqual([{ kind: 'crash', what: expect.stringContaining('planted'), input: 'in work' }]);
});

test('one that comes to its end says how far it got', async () => {
  const found: Found[] = [];
  const order: Order = {
    ...{ parser: 'text', seed: 1, milliseconds: 1, folder: join(folder, 'child'), hasCoverage: true },
    ...{ secondsPerCase: 60, megabytes: 4_000 },
  };
  const program = new URL('child.ts', import.meta.url);
  const finished = await watch(order, { program, inputs: folder, tell: (one) => found.push(one) });
  expect(found).toEqual([]);
  expect(finished?.cases).toBeGreaterThan(0);
  expect(finished?.reached?.reached).toBeGreaterThan(1_000);
});

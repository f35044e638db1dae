import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { DEFAULT_ROLLOUT, readRollout, rolloutMilliseconds, rolloutSchema } from './rollout.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollout-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string) {
  const file = join(folder, 'rollout.yaml');
  await writeFile(file, text);
  return readRollout(file);
}

async function refusal(text: string): Promise<UserError> {
  const error = await read(text).catch((caught: unknown) => caught);
  if (error instanceof UserError) return error;
  throw new Error(`was not refused: ${text}`);
}

describe('a rollout file', () => {
  test('is read with all its keys', async () => {
    const { value } = await read(`
version: 1
strategy: canary
steps: [{weight: 10, bake: 5m}, {weight: 50, bake: 5m}]
analysis:
  {interval: 1m, alpha: 0.05, margin: 2, min_requests: 50, max_extend: 30m, on_inconclusive: rollback}
errors: {ceiling: 0.02, floor: 0.001, absolute_margin: 0.01}
latency: {slower_than: champion_p95}
`);
    expect(value.steps?.[1]).toEqual({ weight: 50, bake: '5m', pause: false });
    expect(value.errors).toEqual({ ceiling: 0.02, floor: 0.001, absolute_margin: 0.01 });
    expect(value.latency).toEqual({ slower_than: 'champion_p95' });
    expect({ ...value, latency: undefined, errors: DEFAULT_ROLLOUT.errors }).toEqual({
      ...DEFAULT_ROLLOUT,
      latency: undefined,
    });
  });

  test('needs only its steps', async () => {
    const { value } = await read('version: 1\nsteps: [{weight: 25, bake: 90s}]\n');
    expect(value.analysis.margin).toBe(2);
    expect(value.latency).toBeUndefined();
  });

  test.each([
    ['linear', 'increment: 10\nbake: 5m\n'],
    ['shadow', 'watch: 10m\n'],
    ['blue-green', 'watch: 10m\nerrors: {ceiling: 0.02}\n'],
    ['all-at-once', 'watch: 10m\nerrors: {ceiling: 0.02}\nlatency: {ceiling: 0.1}\n'],
  ])('with strategy %s has the keys of that strategy, and no other ones', async (strategy, keys) => {
    const { value } = await read(`version: 1\nstrategy: ${strategy}\n${keys}`);
    expect(value.strategy).toBe(strategy);
    const lacking = await refusal(`version: 1\nstrategy: ${strategy}\nerrors: {ceiling: 0.02}\n`);
    expect(lacking.message).toContain(`is needed by the strategy ${strategy}`);
    const more = await refusal(`version: 1\nstrategy: ${strategy}\n${keys}steps: [{weight: 10, bake: 5m}]\n`);
    expect(more.message).toContain(`means nothing to the strategy ${strategy}`);
  });

  test.each(['blue-green', 'all-at-once'])('with strategy %s needs ceilings', async (strategy) => {
    const without = await refusal(`version: 1\nstrategy: ${strategy}\nwatch: 10m\n`);
    expect(without.message).toContain('errors.ceiling');
    const alone = `version: 1\nstrategy: ${strategy}\nwatch: 10m\nerrors: {ceiling: 0.02}\nlatency: {}\n`;
    expect((await refusal(alone)).message).toContain('latency.ceiling');
  });

  test.each([
    [
      'a key that is misspelt',
      'version: 1\nsteps: [{weight: 10, bake: 5m}]\nerrors: {celing: 0.02}\n',
      'celing',
    ],
    [
      'weights that do not grow',
      'version: 1\nsteps: [{weight: 50, bake: 5m}, {weight: 10, bake: 5m}]\n',
      'larger weight',
    ],
    ['a weight of 100', 'version: 1\nsteps: [{weight: 100, bake: 5m}]\n', 'promotion makes it 100'],
    ['a bare number as duration', 'version: 1\nsteps: [{weight: 10, bake: 5}]\n', 'steps[0].bake'],
    ['no steps', 'version: 1\nsteps: []\n', 'steps'],
    [
      'a floor above the ceiling',
      'version: 1\nsteps: [{weight: 10, bake: 5m}]\nerrors: {floor: 0.1, ceiling: 0.02}\n',
      'floor',
    ],
  ])('with %s is refused', async (_, text, word) => {
    const error = await refusal(text);
    expect(`${error.message} ${error.where.key}`).toContain(word);
    expect(error.where.line).toBeGreaterThan(1);
  });
});

describe('queries of a source', () => {
  const file = (keys: string, more = 'steps: [{weight: 10, bake: 5m}]') =>
    `version: 1\n${more}\nmetrics:\n  prometheus: http://127.0.0.1:9090\n${keys}`;
  const told = 'sum(increase(requests_total{server="$server"}[$interval]))';
  const untold = 'sum(increase(requests_total{job="churn"}[$interval]))';

  test.each([
    ['requests', untold, told, ''],
    ['errors', told, untold, ''],
    ['latency', told, told, `  latency: sum by (le) (increase(seconds_bucket{job="$servers"}[$interval]))\n`],
  ])('that do not tell the arms apart are refused: %s', async (key, requests, errors, latency) => {
    const error = await refusal(file(`  requests: ${requests}\n  errors: ${errors}\n${latency}`));
    expect(error.message).toContain('$arm, $server or $digest');
    expect(error.where).toMatchObject({
      key: `metrics.${key}`,
      line: 5 + ['requests', 'errors', 'latency'].indexOf(key),
    });
  });

  test.each(['$arm', '$server', '$digest'])('that name %s are read', async (name) => {
    const query = `sum(increase(requests_total{by="${name}"}[$interval]))`;
    const { value } = await read(file(`  requests: ${query}\n  errors: ${query}\n`));
    expect(value.metrics).toMatchObject({ requests: query, errors: query });
  });

  test('need no arm where the challenger has all traffic', async () => {
    const alone = 'strategy: blue-green\nwatch: 5m\nerrors: {ceiling: 0.05}';
    const { value } = await read(file(`  requests: ${untold}\n  errors: ${untold}\n`, alone));
    expect(value.metrics).toMatchObject({ requests: untold });
  });

  test('in what was written before are read as they are', () => {
    const written = { version: 1, steps: [{ weight: 10, bake: '5m' }] };
    const metrics = { prometheus: 'http://127.0.0.1:9090', requests: untold, errors: untold };
    expect(rolloutSchema.parse({ ...written, metrics }).metrics).toMatchObject(metrics);
  });

  test('a measure whose name no record can keep is refused', async () => {
    const error = await refusal(`${file('')}servers: [{name: __proto__, query: up, max: 1}]\n`);
    expect(error.where.key).toBe('servers[0].name');
  });
});

test('durations are milliseconds', () => {
  expect(['250ms', '1.5s', '5m', '2h', '7d'].map(rolloutMilliseconds)).toEqual([
    250, 1500, 300_000, 7_200_000, 604_800_000,
  ]);
});

/** From the start of each committed bundle to its error about missing inputs, against an empty Node process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACTION_IDS } from '../shared/records/envelope.ts';
import { type Benchmark, medianTimes } from './measure.ts';

const ROUNDS = 21;
/** An action that does nothing else must start within this many times an empty Node. */
const LIMIT = 4;

export async function benchmark(): Promise<Benchmark> {
  const cwd = await mkdtemp(join(tmpdir(), 'bench-start-'));
  const dist = join(import.meta.dirname, '../dist');
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const bundles = [
    ...ACTION_IDS.map((id) => ({ name: id, words: [join(dist, id, 'index.mjs')] })),
    { name: 'cli', words: [join(dist, 'cli/index.mjs')] },
  ];
  const empty = { name: 'empty Node', words: ['-e', '0'] };
  const times = medianTimes(
    [empty, ...bundles].map((command) => ({ ...command, env, cwd })),
    ROUNDS,
  );
  await rm(cwd, { recursive: true, force: true });
  const base = times.get(empty.name)!;
  const rows = [...times].map(
    ([name, time]) => `| ${name} | ${time.toFixed(0)} | ${(time / base).toFixed(2)} |`,
  );
  return {
    title: `Cold start: bundle against an empty Node ${process.versions.node} (limit ${LIMIT} times)`,
    table: ['| process | median, ms | times an empty Node |', '|---|--:|--:|', ...rows].join('\n'),
    withinLimit: bundles.every(({ name }) => times.get(name)! / base <= LIMIT),
  };
}

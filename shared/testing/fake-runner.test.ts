import { appendFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createFakeRunner, parseCommandFile } from './fake-runner.ts';

test('command files are read as a runner reads them', () => {
  expect(parseCommandFile('a=1=2\nb<<END\nx\ny=z\nEND\nc=\n')).toEqual({ a: '1=2', b: 'x\ny=z', c: '' });
  expect(() => parseCommandFile('b<<END\nx\n')).toThrow('has no end');
  expect(() => parseCommandFile('nonsense\n')).toThrow('not a line');
});

test('a runner has the files, names inputs as GitHub does and goes away', async () => {
  const runner = await createFakeRunner({ event: { number: 3 }, env: { EXTRA: 'x' } });
  await appendFile(runner.env.GITHUB_OUTPUT!, 'verdict=pass\n');
  await appendFile(runner.env.GITHUB_STATE!, 'pid<<E\n12\nE\n');
  expect(await runner.outputs()).toEqual({ verdict: 'pass' });
  expect(await runner.stateEnvironment()).toEqual({ STATE_pid: '12' });
  expect(await runner.summary()).toBe('');
  expect(runner.env.EXTRA).toBe('x');
  expect(runner.inputs({ 'fail-on': 'none' })).toEqual({ 'INPUT_FAIL-ON': 'none' });
  await runner.close();
});

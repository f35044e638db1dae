import { expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { PassingError, pauseAsked, retrying } from './retry.ts';

const passing = (pause?: number) => new PassingError(new UserError('It did not pass.'), pause);

function options(pauses: number[], attempts = 4, signal?: AbortSignal) {
  const wait = async (milliseconds: number) => void pauses.push(milliseconds);
  return { attempts, wait, ...(signal ? { signal } : {}) };
}

test('tries again after ever longer pauses, and gives up with the words for people', async () => {
  const pauses: number[] = [];
  let tries = 0;
  const work = async () => {
    tries++;
    throw passing();
  };
  await expect(retrying(work, options(pauses))).rejects.toThrow(UserError);
  expect(tries).toBe(4);
  expect(pauses).toHaveLength(3);
  for (const [index, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(250 * 2 ** index);
    expect(pause).toBeLessThan(750 * 2 ** index);
  }
});

test('waits as long as the server asks, but not for ever', async () => {
  const pauses: number[] = [];
  let tries = 0;
  const work = async () => {
    if (tries++ < 2) throw passing(tries === 1 ? 2000 : 3_600_000);
    return 'done';
  };
  expect(await retrying(work, options(pauses))).toBe('done');
  expect(pauses).toEqual([2000, 30_000]);
});

test('does not repeat what cannot pass, nor after an end was asked for', async () => {
  const pauses: number[] = [];
  const refused = async () => {
    throw new UserError('No.');
  };
  await expect(retrying(refused, options(pauses))).rejects.toThrow('No.');
  const work = async () => {
    throw passing();
  };
  const ended = AbortSignal.abort(new Error('cancelled'));
  await expect(retrying(work, options(pauses, 4, ended))).rejects.toThrow('cancelled');
  expect(pauses).toEqual([]);
});

test.each([
  ['3', 3000],
  ['0', 0],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
  ['Fri, 31 Dec 2027 23:59:59 GMT', undefined],
])('Retry-After: %s', (header, pause) => {
  expect(pauseAsked(header)).toBe(pause);
});

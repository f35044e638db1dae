import { readFile } from 'node:fs/promises';
import { UserError } from '../../../shared/errors.ts';
import type { Locate } from '../../../shared/records/document.ts';
import { type Rollout, rolloutMilliseconds } from '../../../shared/records/rollout.ts';
import type { BeforeTraffic } from './checks.ts';
import { isObject } from './json-difference.ts';
import type { ExpectedAnswers } from './smoke-check.ts';

/** Requests that a model answers before it gets any traffic, and that both arms are compared on. */
const FIRST_REQUESTS = 5;

/**
 * Reads what a rollout asks for before any traffic. @param bodies of the traffic file, if there is one.
 * @throws UserError for a file that is wrong, or where there is nothing to send.
 */
export async function readBefore(
  rollout: Rollout,
  bodies: readonly string[],
  locate: Locate,
): Promise<BeforeTraffic> {
  const { before } = rollout;
  const requests = bodies.slice(0, FIRST_REQUESTS);
  if (!before) return { requests, smoke: null, load: null, sameSchema: null };
  const smoke = before.smoke ? await readExpectedAnswers(before.smoke.file, before.smoke.tolerance) : null;
  const known = bodies.length > 0 ? bodies : (smoke?.cases.map(({ request }) => request) ?? []);
  const need = (key: 'load' | 'same_schema') => {
    if (known.length > 0) return known;
    throw new UserError(`before.${key} has no requests to send.`, {
      where: locate(before[key] === undefined ? ['before'] : ['before', key]),
      fix:
        key === 'load'
          ? 'Give the input traffic, or before.smoke.'
          : 'Give the input traffic or before.smoke, or set before.same_schema: false.',
    });
  };
  const { load } = before;
  return {
    requests,
    smoke,
    load: load
      ? {
          requests: need('load'),
          rate: load.rate,
          durationMs: rolloutMilliseconds(load.duration),
          maxErrorRate: load.max_error_rate,
          p95Ms: load.p95 === undefined ? null : rolloutMilliseconds(load.p95),
        }
      : null,
    sameSchema: before.same_schema ? need('same_schema').slice(0, FIRST_REQUESTS) : null,
  };
}

/** JSON Lines of `{request, response}`. @throws UserError naming the first line that is none. */
async function readExpectedAnswers(file: string, tolerance: number): Promise<ExpectedAnswers> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`The file of expected answers ${file} could not be read.`, {
      where: { file, key: 'before.smoke.file' },
      cause,
    });
  });
  const cases: ExpectedAnswers['cases'][number][] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    cases.push({ line: index + 1, ...readCase(line, { file, line: index + 1, key: 'before.smoke.file' }) });
  }
  if (cases.length > 0) return { file, tolerance, cases };
  throw new UserError('The file of expected answers is empty.', {
    where: { file, key: 'before.smoke.file' },
  });
}

function readCase(text: string, where: UserError['where']): { request: string; response: unknown } {
  const wrong = (what: string, cause?: unknown) =>
    new UserError(`A line of the expected answers ${what}.`, {
      where,
      fix: 'Write one JSON object a line: {"request": …, "response": …}.',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong('is not JSON', cause);
  }
  if (!isObject(value)) throw wrong('is not an object');
  const unknown = Object.keys(value).find((key) => key !== 'request' && key !== 'response');
  if (unknown !== undefined) throw wrong(`has the unknown key ${JSON.stringify(unknown)}`);
  if (!('request' in value && 'response' in value)) throw wrong('lacks request or response');
  return { request: JSON.stringify(value.request), response: value.response };
}

import { expect, test } from 'vitest';
import { createClient } from './client.ts';
import { attemptId, concludeEarlierAttempts, concludeLeftCheckRun } from './left-check-runs.ts';

const CHECK = { owner: 'o', repo: 'r', id: 77 };
const OWN = 'mlops-actions/train-on-gpu-runner/demo';
const environment = (attempt: string) => ({ GITHUB_RUN_ID: '5', GITHUB_RUN_ATTEMPT: attempt });

/** GitHub with these check runs in progress. @param status of the one that is asked for by its number. */
function github({ status = 'in_progress', begun = [] as { id: number; external_id: string }[] } = {}) {
  const changes: string[] = [];
  let listed = '';
  const send: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    if (init?.method === 'PATCH') {
      changes.push(`${url.pathname.split('/').at(-1)} ${String(init.body)}`);
      return Response.json({});
    }
    if (!url.pathname.endsWith('/check-runs')) return Response.json({ id: 77, status });
    listed = url.search;
    // Pages are told by the answer's address.
    const page = Response.json({ total_count: begun.length, check_runs: begun });
    return Object.defineProperty(page, 'url', { value: url.href });
  };
  return { changes, send, query: () => new URLSearchParams(listed) };
}
const CANCELLED = '{"status":"completed","conclusion":"cancelled"}';

test('one that was left is concluded, and one that has its report stays as it is', async () => {
  const warnings: string[] = [];
  const options = { env: {}, token: 't', warn: (text: string) => void warnings.push(text) };
  const left = github();
  await concludeLeftCheckRun(CHECK, { ...options, fetch: left.send });
  expect(left.changes).toEqual([`77 ${CANCELLED}`]);
  const reported = github({ status: 'completed' });
  await concludeLeftCheckRun(CHECK, { ...options, fetch: reported.send });
  expect(reported.changes).toEqual([]);
  expect(warnings).toEqual([]);
  const refused: typeof fetch = async () => Response.json({ message: 'no' }, { status: 403 });
  await concludeLeftCheckRun(CHECK, { ...options, fetch: refused });
  expect(warnings).toEqual([expect.stringContaining('still says that it runs')]);
});

test('a new attempt concludes what earlier ones of the same run left, and nothing of others', async () => {
  const begun = [
    { id: 1, external_id: `${OWN}/5/1` },
    { id: 2, external_id: `${OWN}/5/3` },
    { id: 3, external_id: `${OWN}/4/1` },
    { id: 4, external_id: `${OWN}/55/1` },
    { id: 5, external_id: OWN },
    { id: 6, external_id: `${OWN}/5/2` },
  ];
  const { changes, send, query } = github({ begun });
  const client = await createClient({ token: 't', env: {}, fetch: send });
  const place = {
    owner: 'o',
    repo: 'r',
    headSha: 'c0ffee',
    name: 'train-on-gpu-runner: demo',
    externalId: OWN,
  };
  await concludeEarlierAttempts(client, place, environment('3'));
  expect(changes).toEqual([`1 ${CANCELLED}`, `6 ${CANCELLED}`]);
  expect(query().get('check_name')).toBe('train-on-gpu-runner: demo');
  changes.length = 0;
  await concludeEarlierAttempts(client, place, environment('1'));
  await concludeEarlierAttempts(client, place, {});
  expect(changes).toEqual([]);
});

test('the attempt is told by the external id, where there is one', () => {
  expect(attemptId(OWN, environment('2'))).toBe(`${OWN}/5/2`);
  expect(attemptId(OWN, {})).toBeUndefined();
});

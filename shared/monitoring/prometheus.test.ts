import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { describeUserError, UserError } from '../errors.ts';
import { type LoopbackServer, readBody, sendJson, startLoopbackServer } from '../testing/loopback-server.ts';
import type { MetricAccess } from './metric-source.ts';
import { openPrometheus } from './prometheus.ts';
import { prometheusAccount } from './prometheus-account.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-03-02T10:00:00Z');
const HOUR = { start: START, end: START + 60 * MINUTE, step: MINUTE };

let server: LoopbackServer | undefined;
afterEach(() => server?.close());

const waits: number[] = [];
function access(env: NodeJS.ProcessEnv = {}, signal?: AbortSignal): MetricAccess {
  waits.length = 0;
  return {
    env,
    now: () => new Date(HOUR.end),
    wait: async (milliseconds) => void waits.push(milliseconds),
    ...(signal && { signal }),
  };
}

interface Asked {
  path: string | undefined;
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
}

/** A server that answers each request by the next of the answers, the last again and again. */
async function answering(...answers: ((response: ServerResponse, asked: Asked) => void)[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  server = await startLoopbackServer(async (request, response) => {
    const form = new URLSearchParams((await readBody(request)).toString());
    asked.push({ path: request.url, headers: request.headers, form });
    answers[Math.min(asked.length, answers.length) - 1]!(response, asked.at(-1)!);
  });
  return asked;
}

const matrix =
  (result: unknown, more: object = {}) =>
  (response: ServerResponse) =>
    sendJson(response, 200, { status: 'success', data: { resultType: 'matrix', result }, ...more });

const seriesOf = (values: [number, string][], metric: object = {}) => [{ metric, values }];

async function failure(env?: NodeJS.ProcessEnv, range = HOUR): Promise<string> {
  const source = openPrometheus(server!.url, access(env));
  const error = await source.readSeries({ query: 'up' }, range, 'latency').catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UserError);
  return describeUserError(error as UserError);
}

describe('a series', () => {
  test('has one value per step that ends in the range, whatever its numbers are', async () => {
    const asked = await answering(
      matrix(
        seriesOf([
          [START / 1000 + 60, '0.5'],
          [START / 1000 + 120, 'NaN'],
          [START / 1000 + 180, '+Inf'],
          [START / 1000 + 240.001, '-Inf'],
          [START / 1000 + 300, '1e-3'],
        ]),
        { warnings: ['partial answer'] },
      ),
    );
    const source = openPrometheus(`${server!.url}/prometheus/`, access());
    expect(source.place).toBe(`Prometheus ${server!.url}/prometheus`);
    const series = await source.readSeries({ query: 'rate(x[5m]) + 1' }, HOUR, 'latency');
    expect(series).toEqual({
      points: [
        { time: START + MINUTE, value: 0.5 },
        { time: START + 2 * MINUTE, value: Number.NaN },
        { time: START + 3 * MINUTE, value: Number.POSITIVE_INFINITY },
        { time: START + 4 * MINUTE + 1, value: Number.NEGATIVE_INFINITY },
        { time: START + 5 * MINUTE, value: 0.001 },
      ],
      warnings: ['partial answer'],
    });
    expect(asked[0]!.path).toBe('/prometheus/api/v1/query_range');
    expect(Object.fromEntries(asked[0]!.form)).toEqual({
      query: 'rate(x[5m]) + 1',
      start: String(START / 1000 + 60),
      end: String(START / 1000 + 3600),
      step: '60',
      timeout: '60s',
    });
    expect(asked[0]!.headers.authorization).toBeUndefined();
  });

  test('of nothing is empty', async () => {
    await answering(matrix([]));
    const source = openPrometheus(server!.url, access());
    expect((await source.readSeries({ query: 'up' }, HOUR, 'latency')).points).toEqual([]);
  });

  test('longer than the server gives at once is asked for in parts that share no step', async () => {
    const asked = await answering((response, { form }) =>
      matrix(seriesOf([[Number(form.get('end')), '1']]))(response),
    );
    const source = openPrometheus(server!.url, access());
    const end = START + 25_000 * MINUTE;
    const { points } = await source.readSeries({ query: 'up' }, { start: START, end, step: MINUTE }, 'up');
    const parts = asked.map(({ form }) => [Number(form.get('start')), Number(form.get('end'))] as const);
    expect(parts.map(([from, to]) => (to - from) / 60 + 1)).toEqual([11_000, 11_000, 3000]);
    expect(parts[1]![0]).toBe(parts[0]![1] + 60);
    expect(points.at(-1)?.time).toBe(end);
  });

  test('of several label sets is refused by name', async () => {
    const values: [number, string][] = [[START / 1000 + 60, '1']];
    await answering(matrix(['a', 'b'].map((pod) => ({ metric: { pod }, values }))));
    expect(await failure()).toMatch(
      /asked for latency, answers 2 series \(\{pod="a"\}, \{pod="b"\}\), and one is needed\.\nHow to mend it: Aggregate/,
    );
  });

  test('of native histograms is refused', async () => {
    await answering(matrix([{ metric: {}, histograms: [] }]));
    expect(await failure()).toMatch(/answers histograms.*\n.*histogram_quantile/);
  });
});

describe('the account', () => {
  test.each([
    ['a token', { PROMETHEUS_TOKEN: 'tok-123456' }, 'Bearer tok-123456'],
    [
      'user and password',
      { PROMETHEUS_USERNAME: 'ci', PROMETHEUS_PASSWORD: 'pass-word' },
      `Basic ${btoa('ci:pass-word')}`,
    ],
  ])('%s is sent, and never repeated', async (_, env, sent) => {
    const asked = await answering((response, { headers }) =>
      sendJson(response, 403, {
        status: 'error',
        errorType: 'x',
        error: `no: ${headers.authorization}, pass-word`,
      }),
    );
    const text = await failure(env);
    expect(asked[0]!.headers.authorization).toBe(sent);
    expect(text).toMatch(/answers 403: no: (Bearer|Basic) \*\*\*, .*\nHow to mend it: Set PROMETHEUS_TOKEN/);
    expect(text).not.toMatch(/tok-123456|Y2k6/);
    if ('PROMETHEUS_PASSWORD' in env) expect(text).not.toContain('pass-word');
  });

  test.each([
    ['half of one', { PROMETHEUS_USERNAME: 'ci' }, /not whole/],
    [
      'two',
      { PROMETHEUS_TOKEN: 't', PROMETHEUS_USERNAME: 'ci', PROMETHEUS_PASSWORD: 'p' },
      /or there are two/,
    ],
    ['one in clear text', { PROMETHEUS_TOKEN: 't' }, /would be sent in clear text/],
    ['a signature in clear text', { PROMETHEUS_AWS_SIGV4: 'true' }, /would be sent in clear text/],
    ['a token beside a signature', { PROMETHEUS_TOKEN: 't', PROMETHEUS_AWS_SIGV4: '1' }, /or there are two/],
    ['a signature that is neither on nor off', { PROMETHEUS_AWS_SIGV4: 'yes' }, /neither true nor false/],
    ['a tenant with a line end', { PROMETHEUS_TENANT: 'a\r\nx: y' }, /no name of a tenant/],
  ])('%s is refused', (_, env, message) => {
    expect(() => openPrometheus('http://prometheus.example.com:9090', access(env))).toThrow(message);
  });

  test('may be that of a tenant', async () => {
    const asked = await answering(matrix([]));
    const env = { PROMETHEUS_TENANT: 'team-a|team-b', PROMETHEUS_TOKEN: 't', PROMETHEUS_AWS_SIGV4: 'false' };
    await openPrometheus(server!.url, access(env)).readSeries({ query: 'up' }, HOUR, 'latency');
    expect(asked[0]!.headers).toMatchObject({ 'x-scope-orgid': 'team-a|team-b', authorization: 'Bearer t' });
  });

  test('of AWS signs for the region in the name of its server', () => {
    const region = (address: string) =>
      prometheusAccount(address, { PROMETHEUS_AWS_SIGV4: 'true' }).signed?.region;
    expect(region('https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1')).toBe('eu-west-1');
    expect(region('https://prometheus.example.com')).toBeUndefined();
  });

  test('stands in no address', () => {
    for (const address of ['https://ci:s3cret@host', 'https://host?token=s3cret', 'https://host#s3cret']) {
      expect(() => openPrometheus(address, access())).toThrow(UserError);
      try {
        openPrometheus(address, access());
      } catch (error) {
        expect(describeUserError(error as UserError)).not.toContain('s3cret');
      }
    }
    expect(() => openPrometheus('host:9090', access())).toThrow(/"host:9090" is not that of a Prometheus/);
  });
});

describe('what goes wrong', () => {
  test.each([
    [400, '1:7: parse error: unexpected end of input', /answers 400: 1:7: parse error.*\n.*Mend the query/],
    [302, '', /answers 302\.\n.*sends elsewhere/],
    [404, '', /answers 404\.\n.*Check the address/],
    [501, '', /answers 501/],
  ])('%i is said at once', async (status, error, message) => {
    const asked = await answering((response) => sendJson(response, status, { status: 'error', error }));
    expect(await failure()).toMatch(message);
    expect(asked).toHaveLength(1);
  });

  test('what may pass is tried again, after the pause that the server asks for', async () => {
    await answering(
      (response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      (response) => response.destroy(),
      (response) => response.writeHead(503).end(),
      matrix(seriesOf([[START / 1000 + 60, '2']])),
    );
    const source = openPrometheus(server!.url, access());
    const { points } = await source.readSeries({ query: 'up' }, HOUR, 'latency');
    expect(points).toEqual([{ time: START + MINUTE, value: 2 }]);
    expect(waits[0]).toBe(7000);
    expect(waits).toHaveLength(3);
  });

  test('what does not pass is said after four attempts', async () => {
    const asked = await answering((response) =>
      sendJson(response, 503, { status: 'error', error: 'query timed out' }),
    );
    expect(await failure()).toMatch(/answers 503: query timed out\.\n.*takes too long/);
    expect(asked).toHaveLength(4);
    await server!.close();
    expect(await failure()).toMatch(/could not be reached for latency: ECONNREFUSED/);
  });

  test.each([
    ['a login page', '<html>Sign in</html>'],
    ['another JSON', '{"status":"success","data":{"resultType":"vector","result":[]}}'],
    ['a JSON that is cut off', '{"status":"succ'],
  ])('%s is no answer', async (_, body) => {
    await answering((response) => response.end(body));
    expect(await failure()).toMatch(/does not answer as Prometheus does\.\n.*login page/);
  });

  test('an endless answer is not read to its end', async () => {
    const part = Buffer.alloc(1_000_000, ' ');
    await answering((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(part));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await failure()).toMatch(/answers with more than 20 MB/);
  });

  test('an interrupted run ends as such', async () => {
    const controller = new AbortController();
    await answering(() => controller.abort(new Error('cancelled')));
    const source = openPrometheus(server!.url, access({}, controller.signal));
    await expect(source.readSeries({ query: 'up' }, HOUR, 'latency')).rejects.toThrow('cancelled');
  });
});

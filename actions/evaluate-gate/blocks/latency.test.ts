/** The gate's speed, from files and from servers that are started here. */
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packCode } from '../../../shared/models/code-archive.ts';
import { writeRecordText } from '../../../shared/records/text.ts';
import { CODE_ARCHIVE, CODE_ROLE, RECORD_FILE } from '../../../shared/registries/packaged-model.ts';
import { openRegistry, parseRegistry } from '../../../shared/registries/registry.ts';
import { startLoopbackServer } from '../../../shared/testing/loopback-server.ts';
import { sampleVersion } from '../../../shared/testing/sample-records.ts';
import { type GateFolder, makeGateFolder, NAME, POLICY } from '../fixtures/gate-folder.ts';

/** Answers every request, those after the first `well` with status 500. */
const server = (well: string) =>
  `require('http').createServer((q, r) => { q.resume(); if (q.url !== '/ping') globalThis.n = (globalThis.n ?? 0) + 1; r.statusCode = (globalThis.n ?? 0) > ${well} ? 500 : 200; r.end('{}'); }).listen(process.env.PORT, '127.0.0.1');`;

describe('latency', () => {
  let given: GateFolder;
  const at = (name: string) => given.at(name);
  beforeEach(async () => {
    given = await makeGateFolder();
  });
  afterEach(() => given.close());

  const gate = async (inputs: Record<string, string>, latency: string) => {
    await writeFile(at('gate.yaml'), `${POLICY}${latency}`);
    const record = await given.gate({ ...given.files(), ...inputs });
    return { record, latency: record.metrics.filter(({ block }) => block === 'latency') };
  };
  const times = async (name: string, from: number, failures = 0) => {
    const rows = Array.from({ length: 600 }, (_, row) => `${from + row / 10},${row < failures ? 500 : 200}`);
    await writeFile(at(name), ['latency_ms,status', ...rows].join('\n'));
    return at(name);
  };

  test('of files: each number is judged, the errors always reported, both files kept as inputs', async () => {
    const { record, latency } = await gate(
      { latency: await times('fast.csv', 10), 'baseline-latency': await times('slow.csv', 20, 3) },
      'latency: {p95_ms: {upper_bound: 100, min_relative_change: -0.1}, p50_ms: {upper_bound: 20, severity: fail}, severity: warn}\n',
    );
    expect(latency.map(({ name, verdict, rows }) => [name, verdict, rows])).toEqual([
      ['p50_ms', 'fail', 600],
      ['p95_ms', 'pass', 600],
      ['error_rate', 'not_judged', 600],
    ]);
    expect(latency[2]).toMatchObject({ champion: 0.005, challenger: 0, word: 'reported' });
    expect(record.verdict).toBe('fail');
    expect(record.reason).toMatch(
      /^p50_ms is outside its limit: 39\.95 \[.*\], and the policy asks for at most 20\.$/,
    );
    expect(record.load).toMatchObject({
      from: 'file',
      requestsPerSecond: null,
      champion: { requests: 600, errors: 3 },
      challenger: { requests: 600, errors: 0 },
    });
    expect(record.inputs.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['latency', 'baseline-latency']),
    );
  });

  test('the severity of the block makes a failure a warning', async () => {
    const { record } = await gate(
      { latency: await times('fast.csv', 10) },
      'latency: {p50_ms: {upper_bound: 20}, severity: warn}\n',
    );
    expect(record.verdict).toBe('warn');
  });

  test('without a source a limit is missing, with a sentence', async () => {
    const { record, latency } = await gate({}, 'latency: {p95_ms: {upper_bound: 100}}\n');
    expect(latency).toMatchObject([{ name: 'p95_ms', verdict: 'missing' }]);
    expect(record.verdict).toBe('fail');
    expect(record.reason).toBe(
      'p95_ms is missing: none of the inputs latency, serve-command and endpoint is given.',
    );
  });

  test('files without a limit in the policy are reported', async () => {
    const { record, latency } = await gate({ latency: await times('fast.csv', 10) }, '');
    expect(latency.map(({ name, word }) => `${name} ${word}`)).toEqual([
      'p50_ms reported',
      'p95_ms reported',
      'p99_ms reported',
      'error_rate reported',
    ]);
    expect(record.verdict).toBe('pass');
  });

  test('both models are served and asked; the champion runs its own code', async () => {
    const uri = `oci-layout:${at('store')}/${NAME}`;
    const registry = await openRegistry(parseRegistry(`oci-layout:${at('store')}`, NAME), { env: {} });
    const { digest } = await registry.pushModel(at('model'));
    const version = {
      ...sampleVersion(),
      subject: { digest },
      serveCommand: 'node serve.cjs',
      predictCommand: null,
    };
    const bytes = new TextEncoder().encode(writeRecordText(version));
    await registry.attach(digest, 'ModelVersion', [{ name: RECORD_FILE, bytes }]);
    await mkdir(at('code'));
    await writeFile(at('code/serve.cjs'), server('1e9'));
    await packCode(at('code'), at('code.tar'), []);
    await registry.attach(digest, CODE_ROLE, [{ name: CODE_ARCHIVE, path: at('code.tar') }]);
    await registry.moveAlias('champion', { to: digest });
    await writeFile(at('serve.cjs'), server('50'));
    await writeFile(at('requests.jsonl'), '{"rows":[1]}\n\n{"rows":[2]}\n');
    const { record, latency } = await gate(
      {
        'baseline-predictions': '',
        baseline: `${uri}@champion`,
        model: at('model'),
        'serve-command': `node ${at('serve.cjs')}`,
        requests: at('requests.jsonl'),
      },
      `latency:
  error_rate: {min_absolute_change: -0.01}
  load: {requests_per_second: 500, duration: 160ms, warm_up: 20ms}
`,
    );
    expect(record.load).toMatchObject({
      from: 'serve-command',
      requestsPerSecond: 500,
      warmUpSeconds: 0.02,
      champion: { requests: 80, errors: 0 },
      // Ten to warm up and forty good ones; the rest of eighty fail.
      challenger: { requests: 80, errors: 40 },
    });
    expect(latency.find(({ name }) => name === 'error_rate')).toMatchObject({
      champion: 0,
      challenger: 0.5,
      verdict: 'fail',
      method: 'Newcombe',
    });
    expect(record.inputs.map(({ role }) => role)).toContain('requests');
  });

  test('an endpoint is measured alone; a limit on the change is then missing', async () => {
    const endpoint = await startLoopbackServer((request, response) => {
      request.resume();
      response.end('{}');
    });
    await writeFile(at('requests.jsonl'), '{}');
    const { record, latency } = await gate(
      { endpoint: endpoint.url, requests: at('requests.jsonl') },
      `latency:
  error_rate: {upper_bound: 0.5, min_absolute_change: -0.5}
  load: {requests_per_second: 500, duration: 40ms, warm_up: 0s}
`,
    );
    await endpoint.close();
    expect(record.load).toMatchObject({ from: 'endpoint', champion: null, challenger: { requests: 20 } });
    expect(latency.at(-1)!.limits.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['pass', ''],
      ['missing', expect.stringContaining('an endpoint has no champion beside it')],
    ]);
  });

  test.each([
    ['{load: {duration: 30}}', /latency.load.duration/],
    ['{load: {duration: 30 s}}', /"30 s" is not a duration/],
    ['{load: {warm_up: soon}}', /"soon" is not a duration/],
    ['{load: {duration: 10ms}}', /no request/],
    ['{load: {duration: 7d}}', /more than a million requests/],
    ['{load: {requests_per_second: 5000}}', /At most 2000 requests a second/],
    ['{load: {requests_per_second: 0}}', /requests_per_second/],
    ['{p97_ms: {upper_bound: 3}}', /Unknown key "p97_ms".*/],
  ])('the policy %s is refused at its place', async (latency, message) => {
    await expect(gate({}, `latency: ${latency}\n`)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      where: { file: at('gate.yaml'), line: POLICY.split('\n').length, column: expect.any(Number) },
    });
  });

  test.each<[string, string, RegExp]>([
    ['is not there', '', /cannot be read/],
    ['holds none', '\n\n', /holds none/],
    ['has a line that is no JSON', '{}\n{', /is not JSON/],
  ])('a file of requests that %s', async (_, text, message) => {
    if (text) await writeFile(at('requests.jsonl'), text);
    await expect(
      gate({ endpoint: 'http://127.0.0.1:1', requests: at('requests.jsonl') }, ''),
    ).rejects.toThrow(message);
  });
});

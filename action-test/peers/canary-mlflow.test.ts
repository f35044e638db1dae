/**
 * canary-deploy with real processes: the demo's model in MLflow's scoring servers, behind HAProxy, under load, judged
 * by what a real Prometheus scrapes from HAProxy. One challenger is slow, one fails, one is wrong, and one is equal.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CanaryStage } from '../../actions/canary-deploy/fixtures/canary-stage.ts';
import { registerVersion } from '../../actions/canary-deploy/fixtures/registered-model.ts';
import { type Clients, startClients } from './canary-clients.ts';
import { BACKEND, HaproxyServer, hasHaproxy, requireHaproxy } from './haproxy-server.ts';
import { mlflowPython, requireMlflow } from './mlflow-server.ts';
import {
  hasPrometheus,
  type PrometheusServer,
  requirePrometheus,
  startPrometheus,
} from './prometheus-server.ts';

requireMlflow();
requireHaproxy();
requirePrometheus();

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const demo = (name: string) => here(`../../workflows-examples/flight-delays/${name}`);

const OF_SERVER = `{proxy="${BACKEND}",server="$server"}`;
/** HAProxy's exporter divides by 512 requests from the first one on, so this puts the requests there have been. */
const MEAN_RESPONSE = `sum(haproxy_server_response_time_average_seconds${OF_SERVER}) * 512 / clamp(sum(haproxy_server_http_responses_total${OF_SERVER}), 1, 512)`;

const rollout = (prometheus: string, expected: string) => `
version: 1
steps: [{weight: 10, bake: 2s}, {weight: 50, bake: 2s}]
analysis: {interval: 1s, min_requests: 10, max_extend: 90s}
errors: {absolute_margin: 0.05}
before:
  smoke: {file: ${expected}}
metrics:
  prometheus: ${prometheus}
  delay: 500ms
  requests: sum(increase(haproxy_server_http_responses_total{proxy="${BACKEND}",server="$server"}[$interval]))
  errors: sum(increase(haproxy_server_http_responses_total{proxy="${BACKEND}",server="$server",code=~"[45]xx"}[$interval]))
servers:
  - name: response time
    query: ${MEAN_RESPONSE}
    max: 0.25
    unit: s
    looks: 2
`;

describe.skipIf(!mlflowPython || !hasHaproxy || !hasPrometheus)('MLflow models behind HAProxy', () => {
  let stage: CanaryStage;
  let haproxy: HaproxyServer;
  let prometheus: PrometheusServer;
  let clients: Clients;
  let bodies: string[];

  beforeAll(async () => {
    [stage, haproxy] = [await CanaryStage.create(), await HaproxyServer.start()];
    prometheus = await startPrometheus('# TYPE none gauge\nnone 0 1\n# EOF\n', undefined, haproxy.metrics);
    bodies = (await readFile(demo('traffic.jsonl'), 'utf8')).trim().split('\n').slice(0, 50);
    await writeFile(stage.file('traffic.jsonl'), bodies.join('\n'));
    await writeFile(stage.file('rollout.yaml'), rollout(prometheus.url, stage.file('expected.jsonl')));
    const making = [
      here('flight_models.py'),
      stage.file('made'),
      demo('code'),
      demo('data/2001-01-train.parquet'),
    ];
    await promisify(execFile)(mlflowPython!, making, { env: environment(), cwd: stage.folder });
    await mkdir(stage.file('code'));
    await cp(here('serve_mlflow.py'), join(stage.file('code'), 'serve.py'));
    const champion = await registered('champion');
    expect(
      (
        await stage.run(
          given(champion, { rollout: undefined, traffic: undefined, 'traffic-rate': undefined }),
        )
      ).record.outcome,
    ).toBe('promoted');
    const answers = await Promise.all(bodies.slice(0, 5).map(answer));
    await writeFile(stage.file('expected.jsonl'), answers.join('\n'));
    // The first scrape comes seconds after the start, and a rollout without counts waits.
    await vi.waitFor(async () => {
      const found = await fetch(`${prometheus.url}/api/v1/query?query=haproxy_server_weight`);
      expect(await found.text()).toContain(BACKEND);
    }, 60_000);
    clients = startClients(haproxy.address, { count: 2, bodies, pauseMs: 40 });
  });

  afterAll(async () => {
    await clients?.stop();
    await prometheus?.close();
    await haproxy?.close();
    await stage?.close();
  });

  const environment = () => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  });
  const given = (model: string, more: Record<string, string | undefined> = {}) => ({
    // Such a model is code by its nature: its class is in the pickle, with its functions.
    ...{ model, port: undefined, 'traffic-rate': '30', scan: 'warn' },
    ...haproxy.inputs,
    ...more,
  });

  async function registered(name: string): Promise<string> {
    await cp(join(stage.file('made'), name), stage.file(`model-${name}`), { recursive: true });
    const serveCommand = `MLFLOW_DISABLE_TELEMETRY=true exec ${mlflowPython} serve.py`;
    return (await registerVersion(stage.folder, { name }, { evaluation: 'pass', serveCommand })).uri;
  }

  async function answer(request: string): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${haproxy.address}/invocations`, {
      method: 'POST',
      headers,
      body: request,
    });
    return JSON.stringify({ request: JSON.parse(request), response: await response.json() });
  }

  const rollOut = async (name: string) => {
    // A server's mean and counts go back to the model that had its place before.
    await haproxy.ask('clear counters all');
    return (await stage.run(given(await registered(name)))).record;
  };

  test('a slow one is rolled back by its response time', async () => {
    const record = await rollOut('slow');
    expect(record.outcome).toBe('rolled-back');
    expect(record.reason).toMatch(
      /response time of the challenger's server was 0\.\d+ s, above 0\.25 s at 2 looks in a row/,
    );
    expect(record.looks.some(({ challenger }) => challenger.requests > 0)).toBe(true);
    expect(record.traffic).toMatchObject({ failed: 0 });
    expect(clients.failures).toEqual([]);
  });

  test('one that is wrong gets no traffic', async () => {
    const record = await rollOut('wrong');
    expect(record.outcome).toBe('rolled-back');
    expect(record.before.find(({ check }) => check === 'smoke')).toMatchObject({ passed: false });
    expect(record.looks).toEqual([]);
    expect(clients.failures).toEqual([]);
  });

  test('one that fails is rolled back by what Prometheus counted', async () => {
    const record = await rollOut('failing');
    expect(record.outcome).toBe('rolled-back');
    expect(record.reason).toContain('fails more often');
    const errors = record.looks.reduce((sum, { challenger }) => sum + challenger.errors, 0);
    expect(errors).toBeGreaterThan(0);
    // All that failed for a client is an answer of the broken model.
    expect(clients.failures.every(({ status, text }) => status === 400 && text.includes('BAD_REQUEST'))).toBe(
      true,
    );
    clients.failures.length = 0;
  });

  test('an equal one is promoted, and no request fails', async () => {
    const record = await rollOut('equal');
    expect(record.outcome).toBe('promoted');
    expect(record.traffic).toMatchObject({ failed: 0 });
    await clients.stop();
    expect(clients.failures).toEqual([]);
    expect(clients.asked()).toBeGreaterThan(100);
  });
});

/** A loopback server that answers what a real MLflow server has answered, recorded in the fixtures. */
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type LoopbackServer,
  sendJson,
  startLoopbackServer,
} from '../../../../shared/testing/loopback-server.ts';
import { isRunFolder, readRunFolder } from './run-folder.ts';
import { parseRunUri } from './run-uri.ts';
import { readTrackedRun } from './tracked-run.ts';

const SAMPLES = join(import.meta.dirname, '../../../../action-test/fixtures/metrics-files/mlflow');
const { runs, answers } = JSON.parse(readFileSync(join(SAMPLES, 'answers.json'), 'utf8')) as {
  runs: Record<string, string>;
  answers: Record<string, { status: number; body: unknown }>;
};

let server: LoopbackServer;
let requests: IncomingMessage[];
/** Statuses that are answered before the recorded ones. */
let troubles: number[];
beforeEach(async () => {
  requests = [];
  troubles = [];
  server = await startLoopbackServer((request, response) => {
    requests.push(request);
    const trouble = troubles.shift();
    if (trouble !== undefined) return sendJson(response, trouble, { error_code: 'X', message: 'not now.' });
    // The recorded pages are of two points; the client asks for larger ones.
    const path = request.url!.replace('max_results=1000', 'max_results=2').replace('%3D%3D', '==');
    const answer = answers[path] ??
      histories(path) ?? { status: 404, body: { message: `no answer for ${path}` } };
    sendJson(response, answer.status, answer.body);
  });
});
afterEach(() => server.close());

/** Only the history of val_roc_auc is recorded; the other metrics' are one point of what the run says. */
function histories(path: string): { status: number; body: unknown } | undefined {
  const query = new URLSearchParams(path.split('?')[1]);
  const run = answers[`/api/2.0/mlflow/runs/get?run_id=${query.get('run_id')}`]?.body as {
    run: { data: { metrics: { key: string }[] } };
  };
  if (!path.includes('get-history') || !run) return undefined;
  return {
    status: 200,
    body: { metrics: run.run.data.metrics.filter(({ key }) => key === query.get('metric_key')) },
  };
}

const masked: string[] = [];
const read = (run: string, suffix = '', env: NodeJS.ProcessEnv = {}) =>
  readTrackedRun(
    parseRunUri(`mlflow:${server.url}/runs/${runs[run] ?? run}${suffix}`, env)!,
    {
      env,
      signal: AbortSignal.timeout(20_000),
      log: { mask: (secret: string) => masked.push(secret) } as never,
    },
    async () => undefined,
  );

describe('a run on a server', () => {
  test('values at the largest step, NaN and infinity, and the data set', async () => {
    const { numbers, notes, from } = await read('challenger');
    expect(from).toBe(`mlflow:${server.url}/runs/${runs.challenger}`);
    expect([...numbers].map(([key, { value }]) => [key, value])).toEqual([
      ['val_roc_auc', 0.89],
      ['train_loss', 0.49999999999999994],
      ['log_loss', 0.31],
      ['unstable', Number.NaN],
      ['too_large', Number.POSITIVE_INFINITY],
    ]);
    expect(numbers.get('val_roc_auc')!.basis).toEqual({ 'digest of the data set': 'a1b74ac4' });
    expect((await read('other-data')).numbers.get('val_roc_auc')!.basis).not.toEqual(
      numbers.get('val_roc_auc')!.basis,
    );
    expect(notes).toEqual([
      `The run ${runs.challenger} is a history: the values at the largest step are judged, of steps 0 to 2, each metric's own last`,
    ]);
  });

  test('a step that is asked for comes from the history, page by page', async () => {
    const { numbers, notes } = await read('challenger', '@1');
    expect(numbers.get('val_roc_auc')).toMatchObject({
      value: 0.9,
      basis: { 'digest of the data set': 'a1b74ac4' },
    });
    expect(numbers.get('log_loss')!.value).toBe(0.31);
    expect(requests.filter(({ url }) => url!.includes('page_token'))).toHaveLength(1);
    expect(notes[0]).toContain('its values at step 1 are judged, as asked');
    await expect(read('challenger', '@7')).rejects.toThrow(/logged nothing at step 7/);
  });

  test('the same run has the same digest, another run another', async () => {
    const [first, again, other] = [
      await read('challenger'),
      await read('challenger'),
      await read('champion'),
    ];
    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
  });

  test('a run that is not there', async () => {
    await expect(read('0'.repeat(32))).rejects.toThrow(/answered 404: Run with id=0{32} not found/);
  });

  test.each<[NodeJS.ProcessEnv, string | undefined]>([
    [{ MLFLOW_TRACKING_TOKEN: 'secret-token' }, 'Bearer secret-token'],
    [{ MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'secret' }, `Basic ${btoa('ann:secret')}`],
    [{}, undefined],
  ])('an account of %j', async (env, header) => {
    await read('champion', '', env);
    expect(requests[0]!.headers.authorization).toBe(header);
    const sent = header?.split(' ')[1];
    for (const secret of [env.MLFLOW_TRACKING_TOKEN, env.MLFLOW_TRACKING_PASSWORD, sent])
      if (secret) expect(masked).toContain(secret);
  });

  test('is not followed elsewhere, where the account does not belong', async () => {
    troubles = [302];
    await expect(read('champion')).rejects.toThrow(/answered 302/);
    expect(requests).toHaveLength(1);
  });

  test('what may pass is tried again, a refusal is not', async () => {
    troubles = [503, 429];
    await read('champion');
    expect(requests).toHaveLength(3);
    troubles = [500, 500, 500, 500];
    await expect(read('champion')).rejects.toThrow(/answered 500: not now\./);
    troubles = [401];
    requests = [];
    await expect(read('champion')).rejects.toMatchObject({
      fix: expect.stringContaining('MLFLOW_TRACKING_TOKEN'),
    });
    expect(requests).toHaveLength(1);
  });

  test('no server, and one that is none', async () => {
    const { url } = server;
    await server.close();
    await expect(read('champion')).rejects.toThrow(
      `The MLflow server ${url} could not be reached: ECONNREFUSED.`,
    );
    server = await startLoopbackServer((_, response) => void response.end('<html>sign in</html>'));
    await expect(read('champion')).rejects.toThrow(/its answer is not JSON/);
  });
});

describe('a server with a certificate of its own', () => {
  const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);
  const certificate = fixture('loopback-certificate.pem');
  const readOverTls = async (env: NodeJS.ProcessEnv) => {
    const tls = createServer(
      { key: readFileSync(fixture('loopback-key.pem')), cert: readFileSync(certificate) },
      (request, response) => sendJson(response, 200, answers[request.url!]!.body),
    );
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    const plain = server;
    server = { ...plain, url: `https://127.0.0.1:${(tls.address() as AddressInfo).port}` };
    try {
      return (await read('champion', '', env)).numbers.size;
    } finally {
      server = plain;
      tls.close();
      tls.closeAllConnections();
    }
  };

  test('is refused, unless it is named or no certificate is asked for', async () => {
    await expect(readOverTls({})).rejects.toMatchObject({
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
      fix: expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH'),
    });
    expect(await readOverTls({ MLFLOW_TRACKING_SERVER_CERT_PATH: certificate })).toBe(5);
    expect(await readOverTls({ MLFLOW_TRACKING_INSECURE_TLS: 'true' })).toBe(5);
    await expect(readOverTls({ MLFLOW_TRACKING_SERVER_CERT_PATH: fixture('none.pem') })).rejects.toThrow(
      /The certificate .*none.pem cannot be read/,
    );
  });
});

describe('the address of a run', () => {
  const env = { MLFLOW_TRACKING_URI: 'https://mlflow.example.org/base/' };

  test('of the house, and of MLflow', () => {
    expect(parseRunUri('mlflow:http://host:5000/runs/abc@12', env)).toMatchObject({
      server: 'http://host:5000',
      runId: 'abc',
      step: 12,
    });
    expect(parseRunUri('runs:/abc', env)).toMatchObject({
      server: 'https://mlflow.example.org/base',
      runId: 'abc',
      step: undefined,
    });
    expect(parseRunUri('runs/abc/metrics.json', env)).toBeUndefined();
  });

  test.each([
    'mlflow:http://host:5000',
    'mlflow:http://host:5000/runs/',
    'mlflow:host/runs/abc',
    'mlflow:http://host/runs/abc@best',
    'mlflow:http://host/x?y/runs/abc',
    'mlflow:http://host/runs/a/../../b',
  ])('%s is refused', (text) => {
    expect(() => parseRunUri(text, env)).toThrow(/is not a run of MLflow/);
  });

  test('credentials do not belong into it, and are not repeated', () => {
    for (const account of ['ann:secret', 'ann']) {
      expect(() => parseRunUri(`mlflow:http://${account}@host/runs/abc`, env)).toThrow(
        'The address of an MLflow server holds no credentials.',
      );
    }
    expect(() => parseRunUri('mlflow:http://ann:secret@host/', env)).toThrow(/^(?!.*secret)/);
    expect(() => parseRunUri('runs:/abc', {})).toThrow(/needs the address of an MLflow server/);
  });
});

describe("a run in MLflow's folder", () => {
  const experiment = join(SAMPLES, 'mlruns/0');
  const run = join(experiment, readdirSync(experiment).find((name) => /^[0-9a-f]{32}$/.test(name))!);

  test('says what the server says', async () => {
    expect([await isRunFolder(run), await isRunFolder(experiment)]).toEqual([true, false]);
    const [folder, tracked] = [await readRunFolder(run), await read('challenger')];
    const values = ({ numbers }: typeof folder) =>
      [...numbers].map(([key, { value }]) => [key, value]).sort(([a], [b]) => (a! < b! ? -1 : 1));
    expect(values(folder)).toEqual(values(tracked));
    expect(folder.numbers.get('val_roc_auc')!.basis).toEqual(tracked.numbers.get('val_roc_auc')!.basis);
    expect(folder.notes[0]).toContain("its last values are judged, of step 0 to 2, each metric's own last");
  });
});

/** What is sent to an MLflow behind an API Gateway carries the signature that botocore makes of what arrives. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as forward } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBody, startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { startMlflowServer } from '../../shared/testing/mlflow-server.ts';
import { openModel } from './mlflow-registry.ts';
import { ask, python, requirePython } from './oracle.ts';

const ENV = {
  MLFLOW_TRACKING_AWS_SIGV4: 'true',
  // As with MLflow's own client, it gives way to the signature.
  MLFLOW_TRACKING_TOKEN: 'of-another-server',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'session+token/of==',
  AWS_REGION: 'eu-central-1',
};

requirePython();

describe.skipIf(!python)('signatures for an MLflow behind AWS', () => {
  test('of every request are those of botocore', async () => {
    const server = await startMlflowServer();
    const folder = await mkdtemp(join(tmpdir(), 'mlflow-sigv4-'));
    const sent: { method: string; url: string; headers: Record<string, string>; body: string }[] = [];
    const gateway = await startLoopbackServer(async (request, response) => {
      const { method = '', url = '', headers } = request;
      const body = await readBody(request);
      const address = `http://${headers.host}${url}`;
      const seen = { method, url: address, headers: headers as Record<string, string> };
      sent.push({ ...seen, body: body.toString('base64') });
      await new Promise<void>((resolve, reject) => {
        const passed = forward(`${server.url}${url}`, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response).on('finish', resolve);
        });
        passed.on('error', reject).end(body);
      });
    });
    try {
      const model = join(folder, 'model');
      await mkdir(model);
      await writeFile(join(model, "ünïcode a+b (1)'*~.json"), '{}');
      await writeFile(join(model, 'weights.bin'), Buffer.alloc(300_000, 'w'));
      await writeFile(join(model, 'empty'), '');
      const registry = await openModel(gateway.url, 'churn', ENV);
      const { digest } = await registry.pushModel(model);
      await registry.moveAlias('champion', { to: digest });
      await registry.pullModel(digest, join(folder, 'pulled'));
      expect(new Set(sent.map(({ method }) => method))).toEqual(new Set(['GET', 'POST', 'PUT']));
      const keys = { key: ENV.AWS_ACCESS_KEY_ID, secret: ENV.AWS_SECRET_ACCESS_KEY };
      const theirs = ask<{ scope: string; signature: string }>(
        sent.map((each) => ({ ...each, ...keys })),
        'sigv4_botocore.py',
      );
      for (const [index, { scope, signature }] of theirs.entries()) {
        const { method, url, headers } = sent[index]!;
        expect(headers.host).toBe(new URL(gateway.url).host);
        expect(headers.authorization, `${method} ${url}`).toMatch(`Signature=${signature}`);
        expect(scope).toMatch(/^\d{8}\/eu-central-1\/execute-api\/aws4_request$/);
        expect(headers['x-amz-security-token']).toBe(ENV.AWS_SESSION_TOKEN);
      }
    } finally {
      await gateway.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

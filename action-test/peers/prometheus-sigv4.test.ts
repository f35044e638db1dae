/** What is sent to Amazon Managed Prometheus carries the signature that botocore makes of what arrives. */
import { expect, test } from 'vitest';
import { openPrometheus } from '../../shared/monitoring/prometheus.ts';
import { readBody, sendJson, startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { ask, python, requirePython } from './oracle.ts';

const ENV = {
  PROMETHEUS_AWS_SIGV4: 'true',
  PROMETHEUS_TENANT: 'team-a',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'session+token/of==',
  AWS_REGION: 'eu-central-1',
};
const START = Date.parse('2026-03-02T10:00:00Z');
const RANGE = { start: START, end: START + 3_600_000, step: 60_000 };

requirePython();

test.skipIf(!python)('a query is signed as botocore signs it', async () => {
  const sent: { method: string; url: string; headers: Record<string, string>; body: string }[] = [];
  const server = await startLoopbackServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = (await readBody(request)).toString('base64');
    const address = `http://${headers.host}${url}`;
    sent.push({ method, url: address, headers: headers as Record<string, string>, body });
    sendJson(response, 200, { status: 'success', data: { resultType: 'matrix', result: [] } });
  });
  try {
    const access = { env: ENV, now: () => new Date(), wait: async () => {} };
    const source = openPrometheus(`${server.url}/workspaces/ws-1`, access);
    await source.readSeries({ query: 'sum(rate(x{y="ü +"}[5m]))' }, RANGE, 'latency');
    const keys = { key: ENV.AWS_ACCESS_KEY_ID, secret: ENV.AWS_SECRET_ACCESS_KEY };
    const [theirs] = ask<{ scope: string; signature: string }>(
      sent.map((each) => ({ ...each, ...keys })),
      'sigv4_botocore.py',
    );
    const [{ headers }] = sent as [(typeof sent)[number]];
    expect(headers.authorization).toMatch(`Signature=${theirs!.signature}`);
    expect(theirs!.scope).toMatch(/^\d{8}\/eu-central-1\/aps\/aws4_request$/);
    expect(headers).toMatchObject({
      'x-scope-orgid': 'team-a',
      'x-amz-security-token': ENV.AWS_SESSION_TOKEN,
    });
  } finally {
    await server.close();
  }
});

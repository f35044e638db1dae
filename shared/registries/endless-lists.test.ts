/** Lists that never end, from a server that is broken or means harm. */
import { afterEach, expect, test } from 'vitest';
import { type LoopbackServer, startLoopbackServer } from '../testing/loopback-server.ts';
import { openRegistry, parseRegistry } from './registry.ts';

let server: LoopbackServer | undefined;
afterEach(async () => server?.close());

/** Answers every request so. */
async function start(
  answer: (url: URL, origin: string) => { body: string; headers?: Record<string, string> },
) {
  server = await startLoopbackServer((request, response) => {
    request.resume();
    const origin = `http://${request.headers.host}`;
    const { body, headers } = answer(new URL(request.url ?? '/', origin), origin);
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  });
  return server;
}

const wait = async () => undefined;

test('of a container registry: pages that name each other', async () => {
  const { port } = await start((url) => {
    const last = url.searchParams.get('last') === 'a' ? 'b' : 'a';
    const link = `</v2/team/churn/tags/list?last=${last}>; rel="next"`;
    return { body: JSON.stringify({ tags: ['champion'] }), headers: { link } };
  });
  const registry = await openRegistry(parseRegistry(`oci://127.0.0.1:${port}/team`, 'churn'), {
    env: {},
    wait,
  });
  await expect(registry.aliases()).rejects.toThrow(
    `The list of the tags of 127.0.0.1:${port}/team/churn never ends`,
  );
});

test('of a container registry: ever more tags', async () => {
  const tags = Array.from({ length: 30_000 }, (_, index) => `t${index}`);
  const { port } = await start((url) => {
    const page = Number(url.searchParams.get('page') ?? 0) + 1;
    const link = `</v2/team/churn/tags/list?page=${page}>; rel="next"`;
    return { body: JSON.stringify({ tags }), headers: { link } };
  });
  const registry = await openRegistry(parseRegistry(`oci://127.0.0.1:${port}/team`, 'churn'), {
    env: {},
    wait,
  });
  await expect(registry.versions()).rejects.toThrow('has more than 100000 entries');
});

test('of a container registry: referrers', async () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const { port } = await start(() => ({
    body: JSON.stringify({ schemaVersion: 2, manifests: [] }),
    headers: { link: `</v2/team/churn/referrers/${digest}?again>; rel="next"` },
  }));
  const registry = await openRegistry(parseRegistry(`oci://127.0.0.1:${port}/team`, 'churn'), {
    env: {},
    wait,
  });
  await expect(registry.standing(digest)).rejects.toThrow('never ends');
});

test('of MLflow', async () => {
  const { url } = await start(() => ({ body: JSON.stringify({ next_page_token: 'again' }) }));
  const registry = await openRegistry(parseRegistry(`mlflow:${url}`, 'churn'), { env: {}, wait });
  await expect(registry.versions()).rejects.toThrow('The list of the versions of churn');
});

test('of MLflow: ever more files', async () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const version = {
    version: '1',
    run_id: 'r',
    source: 'mlflow-artifacts:/0/r/artifacts/model',
    status: 'READY',
    tags: [{ key: 'mlops.digest', value: digest }],
  };
  const files = Array.from({ length: 100_001 }, (_, index) => ({ path: `f${index}`, file_size: 1 }));
  const { url } = await start((asked) => ({
    body: asked.pathname.endsWith('/artifacts')
      ? JSON.stringify({ files })
      : JSON.stringify({ model_versions: [version] }),
  }));
  const registry = await openRegistry(parseRegistry(`mlflow:${url}`, 'churn'), { env: {}, wait });
  const file = { name: 'a', bytes: Buffer.from('1') };
  await expect(registry.attach(digest, 'code', [file])).rejects.toThrow('has more than 100000 entries');
});

test('of SageMaker', async () => {
  const ModelPackageGroupArn = 'arn:aws:sagemaker:eu-central-1:123456789012:model-package-group/churn';
  const { url } = await start(() => ({
    body: JSON.stringify({ ModelPackageGroupArn, Tags: [], NextToken: 'again' }),
  }));
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'none',
  };
  const registry = await openRegistry(parseRegistry('sagemaker:', 'churn'), { env, wait });
  await expect(registry.versions()).rejects.toThrow('The list of the tags of churn in SageMaker never ends');
});

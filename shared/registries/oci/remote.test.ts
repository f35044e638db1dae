import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../models/digest.ts';
import {
  type OciServer,
  type OciServerOptions,
  type ServerFault,
  startOciServer,
} from '../../testing/oci-server.ts';
import { openRegistry, parseRegistry, type Registry, type RegistryOptions } from '../registry.ts';

const PASSWORD = 'canary-password-1';

describe('a remote registry', () => {
  let folder: string;
  const servers: OciServer[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remote-'));
    await mkdir(join(folder, 'model'));
    await writeFile(join(folder, 'model', 'a'), 'one');
    await writeFile(join(folder, 'model', 'b'), 'two');
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await rm(folder, { recursive: true, force: true });
  });

  async function start(options: OciServerOptions = {}): Promise<OciServer> {
    const server = await startOciServer(options);
    servers.push(server);
    return server;
  }

  function open(server: OciServer, options: Partial<RegistryOptions> = {}): Promise<Registry> {
    const location = parseRegistry(`oci://${server.host}/team`, 'churn');
    return openRegistry(location, {
      env: { DOCKER_CONFIG: folder },
      wait: async () => undefined,
      ...options,
    });
  }

  async function registerAll(registry: Registry): Promise<string> {
    const record = { name: 'record.json', bytes: Buffer.from('{"a":1}') };
    const attachments = [{ role: 'ModelVersion', files: [record] }];
    const { digest } = await registry.pushModel(join(folder, 'model'), { attachments });
    await registry.moveAlias('champion', { to: digest });
    return digest;
  }

  /** What a reader must find after a registration, however it went. */
  async function expectWhole(server: OciServer): Promise<void> {
    const registry = await open(server);
    const versions = await registry.versions();
    expect(versions.map((version) => version.aliases)).toEqual([['champion']]);
    const { digest } = versions[0]!;
    expect(await registry.attachments(digest, 'ModelVersion')).toHaveLength(1);
    expect(await registry.aliasHistory('champion')).not.toEqual([]);
    const out = join(folder, `out-${server.host.replace(/\W/g, '-')}`);
    await registry.pullModel(digest, out);
    expect((await modelDigest(out)).digest).toBe(digest);
    await rm(out, { recursive: true });
  }

  for (const fault of ['refuse', 'drop-before', 'drop-after'] as const) {
    test.each([true, false])(
      `stays whole when any one request meets ${fault} (referrers API: %s)`,
      async (api) => {
        const clean = await start({ referrersApi: api });
        await registerAll(await open(clean));
        const total = clean.requests.length;
        expect(total).toBeGreaterThan(20);
        for (let failing = 0; failing < total; failing++) {
          let seen = 0;
          const server = await start({
            referrersApi: api,
            fault: (): ServerFault => (seen++ === failing ? fault : 'none'),
          });
          await registerAll(await open(server));
          await expectWhole(server);
          await server.close();
        }
      },
    );
  }

  test.each([true, false])(
    'is whole after a re-run, wherever a job was killed (referrers API: %s)',
    async (api) => {
      const clean = await start({ referrersApi: api });
      await registerAll(await open(clean));
      const total = clean.requests.length;
      for (let last = 0; last < total; last++) {
        let seen = 0;
        let isKilled = false;
        const fault = (): ServerFault => {
          if (isKilled) return 'drop-before';
          isKilled = seen++ === last;
          return isKilled ? 'drop-after' : 'none';
        };
        const server = await start({ referrersApi: api, fault: () => (isAgain ? 'none' : fault()) });
        let isAgain = false;
        // Nothing that a killed job did after this request reaches the registry.
        await registerAll(await open(server)).catch(() => undefined);
        expect(isKilled).toBe(true);
        isAgain = true;
        await registerAll(await open(server));
        await expectWhole(server);
        await server.close();
      }
    },
  );

  test('that stays down is given up with a clear word, after five tries with growing pauses', async () => {
    const server = await start({ fault: () => 'refuse' });
    const pauses: number[] = [];
    const registry = await open(server, { wait: async (milliseconds) => void pauses.push(milliseconds) });
    await expect(registry.versions()).rejects.toThrow('was answered 503: UNAVAILABLE: try again');
    expect(server.requests).toHaveLength(5);
    expect(pauses).toHaveLength(4);
    expect(pauses[3]).toBeGreaterThan(pauses[0]!);
  });

  test('that is not there is named', async () => {
    const server = await start();
    await server.close();
    await expect((await open(server)).versions()).rejects.toThrow(
      /could not be reached: GET http.*ECONNREFUSED/,
    );
  });

  test('is spoken to in plain http on this machine only', async () => {
    const seen: string[] = [];
    const fetchSpy: typeof fetch = async (url) => {
      seen.push(String(url));
      return new Response('{"tags":[]}', { status: 200 });
    };
    const location = parseRegistry('oci://registry.example.test:5000/team', 'churn');
    const registry = await openRegistry(location, { env: { DOCKER_CONFIG: folder }, fetch: fetchSpy });
    await registry.aliases();
    expect(seen).toEqual(['https://registry.example.test:5000/v2/team/churn/tags/list?n=1000']);
  });

  test('gets no credentials at an address it sends uploads to, or a token service without https', async () => {
    const auth = Buffer.from(`ann:${PASSWORD}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { 'registry.test': { auth } } }));
    const seen: { url: string; authorization: string | null }[] = [];
    const storage: typeof fetch = async (input, init) => {
      const url = String(input);
      const authorization = new Headers(init?.headers).get('authorization');
      seen.push({ url, authorization });
      if (!authorization && url.startsWith('https://registry.test')) {
        return new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } });
      }
      if (init?.method === 'HEAD') return new Response(null, { status: 404 });
      if (init?.method === 'POST') {
        const headers = { location: 'https://storage.test/put?signature=x%2F' };
        return Object.defineProperty(new Response(null, { status: 202, headers }), 'url', { value: url });
      }
      if (init?.method === 'GET') return new Response(null, { status: 404 });
      return new Response(null, { status: 201 });
    };
    const location = parseRegistry('oci://registry.test/team', 'churn');
    const registry = await openRegistry(location, { env: { DOCKER_CONFIG: folder }, fetch: storage });
    await registry.pushModel(join(folder, 'model'));
    const uploads = seen.filter(({ url }) => url.startsWith('https://storage.test'));
    expect(uploads[0]?.url).toMatch(
      /^https:\/\/storage\.test\/put\?signature=x%2F&digest=sha256%3A[0-9a-f]{64}$/,
    );
    expect(uploads.map(({ authorization }) => authorization)).toEqual(uploads.map(() => null));

    const bearer: typeof fetch = async () =>
      new Response('', {
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="http://evil.test/token"' },
      });
    const other = await openRegistry(location, { env: { DOCKER_CONFIG: folder }, fetch: bearer });
    await expect(other.aliases()).rejects.toThrow('not reached by https');
  });

  test('gives no credentials to a token service that only a storage behind a redirect names', async () => {
    const auth = Buffer.from(`ann:${PASSWORD}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { 'registry.test': { auth } } }));
    const asked: string[] = [];
    const redirected: typeof fetch = async (input) => {
      asked.push(String(input));
      const headers = { 'www-authenticate': 'Bearer realm="https://evil.test/token"' };
      const answer = new Response('', { status: 401, headers });
      return Object.defineProperty(answer, 'url', { value: 'https://storage.test/blob' });
    };
    const location = parseRegistry('oci://registry.test/team', 'churn');
    const registry = await openRegistry(location, { env: { DOCKER_CONFIG: folder }, fetch: redirected });
    await expect(registry.aliases()).rejects.toThrow('401');
    expect(asked.filter((url) => url.startsWith('https://evil.test'))).toEqual([]);

    const plain: typeof fetch = async () => {
      const answer = new Response('{"tags": []}');
      return Object.defineProperty(answer, 'url', { value: 'http://storage.test/tags' });
    };
    const other = await openRegistry(location, { env: { DOCKER_CONFIG: folder }, fetch: plain });
    await expect(other.aliases()).rejects.toThrow('without https');
  });

  test.each(['basic', 'token'] as const)('tells no secret when %s authentication fails', async (kind) => {
    const server = await start({ auth: { kind, username: 'ann', password: 'another' } });
    const auth = Buffer.from(`ann:${PASSWORD}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [server.host]: { auth } } }));
    const error = await registerAll(await open(server)).catch((reason: unknown) => reason);
    expect(String(error)).toContain('401');
    const text = `${error} ${JSON.stringify(error)} ${(error as Error).stack} ${JSON.stringify((error as Error).cause)}`;
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(auth);
    expect(server.authorizations.length).toBeGreaterThan(0);
  });

  test('asks a credential helper', async () => {
    const server = await start({ auth: { kind: 'token', username: 'ann', password: PASSWORD } });
    const helper = join(folder, 'docker-credential-test');
    const script = `#!/bin/sh\nread -r host\n[ "$host" = "${server.host}" ] || exit 1\necho '{"Username":"ann","Secret":"${PASSWORD}"}'\n`;
    await writeFile(helper, script);
    await chmod(helper, 0o755);
    for (const config of [{ credsStore: 'test' }, { credHelpers: { [server.host]: 'test' } }]) {
      await writeFile(join(folder, 'config.json'), JSON.stringify(config));
      const env = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}` };
      expect(await registerAll(await open(server, { env }))).toMatch(/^sha256:/);
    }
    await writeFile(join(folder, 'config.json'), JSON.stringify({ credsStore: 'missing' }));
    await expect(registerAll(await open(server))).rejects.toThrow(
      'docker-credential-missing could not be started',
    );
    await writeFile(join(folder, 'config.json'), `{"auths": {"x": {"auth": "${PASSWORD}`);
    const error = await registerAll(await open(server)).catch((reason: unknown) => reason as Error);
    expect(String(error)).toContain('is not valid');
    expect(`${error} ${(error as Error).cause}`).not.toContain(PASSWORD);
  });

  test('of GitHub gets the job’s token when Docker knows no account', async () => {
    const seen: (string | null)[] = [];
    const github: typeof fetch = async (input, init) => {
      const authorization = new Headers(init?.headers).get('authorization');
      if (String(input).startsWith('https://ghcr.io/token')) {
        seen.push(authorization);
        return new Response('{"token":"t"}');
      }
      if (authorization === 'Bearer t') return new Response('{"tags":null}');
      const challenge = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull"';
      return new Response('', { status: 401, headers: { 'www-authenticate': challenge } });
    };
    const location = parseRegistry('oci://ghcr.io/team', 'churn');
    const options = {
      env: { DOCKER_CONFIG: folder, GITHUB_ACTOR: 'ann' },
      githubToken: 'ghs_1',
      fetch: github,
    };
    await (await openRegistry(location, options)).aliases();
    expect(seen).toEqual([`Basic ${Buffer.from('ann:ghs_1').toString('base64')}`]);
  });
});

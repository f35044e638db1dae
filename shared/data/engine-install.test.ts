import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { UserError } from '../errors.ts';
import { locateEngineLibrary } from './engine-install.ts';
import { currentPlatform, ENGINE_VERSION, enginePackage, tarballUrl } from './engine-packages.ts';
import { temporaryFolder } from './test-engine.ts';

function tarball(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).map(([path, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write(body.length.toString(8).padStart(11, '0'), 124);
    header.write('0', 156);
    header.write('ustar', 257);
    return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const ARCHIVE = tarball({
  'package/duckdb.node': 'library',
  'package/libduckdb.so': 'engine',
  'package/package.json': '{}',
});
const PACKAGE = {
  name: '@duckdb/node-bindings-test',
  version: '1.0.0',
  integrity: `sha512-${createHash('sha512').update(ARCHIVE).digest('base64')}`,
};
const PATH = '/@duckdb/node-bindings-test/-/node-bindings-test-1.0.0.tgz';

let folder: ReturnType<typeof temporaryFolder>;
const closing: (() => void)[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  folder.remove();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const registry = (bytes: Uint8Array = ARCHIVE) =>
  serve((request, response) => {
    response.statusCode = request.url === PATH ? 200 : 404;
    response.end(request.url === PATH ? bytes : 'no such package');
  });

const locate = (env: NodeJS.ProcessEnv) =>
  locateEngineLibrary({
    cacheFolder: folder.path,
    env,
    platform: 'test',
    package: PACKAGE,
    findInstalled: () => undefined,
  });

const versionFolder = () => join(folder.path, 'duckdb-node', '1.0.0');

describe('the engine library', () => {
  test('is fetched once, checked, unpacked and found again', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.end(ARCHIVE);
    });
    const path = await locate({ npm_config_registry: url });
    expect(path).toBe(join(versionFolder(), 'test', 'duckdb.node'));
    expect(readFileSync(join(versionFolder(), 'test', 'libduckdb.so'), 'utf8')).toBe('engine');
    expect(await locate({ npm_config_registry: url })).toBe(path);
    expect(requests).toBe(1);
  });

  test('is refused before it is unpacked when one byte differs', async () => {
    const tampered = Buffer.from(ARCHIVE);
    tampered[40] = tampered[40]! ^ 1;
    await expect(locate({ npm_config_registry: await registry(tampered) })).rejects.toThrow(/sha512 differs/);
    expect(existsSync(versionFolder())).toBe(false);
  });

  test('is whole after eight races', async () => {
    const env = { npm_config_registry: await registry() };
    const paths = await Promise.all(Array.from({ length: 8 }, () => locate(env)));
    expect(new Set(paths).size).toBe(1);
    expect(readdirSync(versionFolder())).toEqual(['test']);
    expect(readFileSync(paths[0]!, 'utf8')).toBe('library');
  });

  test('is not taken from what a killed process left, and old leftovers go', async () => {
    const leftover = join(versionFolder(), '.test-killed');
    mkdirSync(leftover, { recursive: true });
    writeFileSync(join(leftover, 'duckdb.node'), 'half');
    const long_ago = new Date(Date.now() - 2 * 60 * 60 * 1000);
    utimesSync(leftover, long_ago, long_ago);
    const path = await locate({ npm_config_registry: await registry() });
    expect(readFileSync(path, 'utf8')).toBe('library');
    expect(readdirSync(versionFolder())).toEqual(['test']);
  });

  test('that breaks off on the way is an error, and the next run fetches it', async () => {
    const broken = await serve((_, response) => {
      response.setHeader('content-length', String(ARCHIVE.length));
      response.write(ARCHIVE.subarray(0, 100), () => response.destroy());
    });
    await expect(locate({ npm_config_registry: broken })).rejects.toThrow(/broke after/);
    expect(existsSync(await locate({ npm_config_registry: await registry() }))).toBe(true);
  });

  test('that cannot be fetched says how to provide it', async () => {
    const error = await locate({
      npm_config_registry: await serve((_, response) => response.writeHead(503).end()),
    }).catch((e) => e);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toContain('503');
    expect(error.fix).toContain('MLOPS_DUCKDB_PATH');
    expect(error.fix).toContain(join(versionFolder(), 'test'));
  });

  test('follows redirects and honours a proxy', async () => {
    const storage = await registry();
    const redirecting = await serve((_, response) =>
      response.writeHead(302, { location: `${storage}${PATH}` }).end(),
    );
    expect(existsSync(await locate({ npm_config_registry: redirecting }))).toBe(true);
    const asked: string[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end(ARCHIVE);
    });
    const other = {
      cacheFolder: join(folder.path, 'other'),
      platform: 'test',
      package: PACKAGE,
      findInstalled: () => undefined,
    };
    await locateEngineLibrary({
      ...other,
      env: { npm_config_registry: 'http://registry.invalid', HTTP_PROXY: proxy },
    });
    expect(asked).toEqual([`http://registry.invalid${PATH}`]);
  });

  test('comes from MLOPS_DUCKDB_PATH first, which must hold it', async () => {
    const file = folder.file('duckdb.node', 'given');
    expect(await locate({ MLOPS_DUCKDB_PATH: folder.path })).toBe(file);
    expect(await locate({ MLOPS_DUCKDB_PATH: file })).toBe(file);
    await expect(locate({ MLOPS_DUCKDB_PATH: join(folder.path, 'nowhere') })).rejects.toThrow(
      /there is no duckdb.node/,
    );
  });

  test('comes from node_modules where it is installed', async () => {
    const path = await locateEngineLibrary({
      cacheFolder: folder.path,
      env: { npm_config_registry: 'http://registry.invalid' },
    });
    expect(path).toContain(join('node_modules', '@duckdb', `node-bindings-${currentPlatform()}`));
  });
});

describe('the pinned packages', () => {
  test('have the version of @duckdb/node-api', () => {
    expect(packageJson.dependencies['@duckdb/node-api']).toBe(ENGINE_VERSION);
  });

  test.each([
    'linux-x64',
    'linux-arm64',
    'linux-x64-musl',
    'linux-arm64-musl',
    'darwin-x64',
    'darwin-arm64',
    'win32-x64',
    'win32-arm64',
  ])('%s has a sha512 of 64 bytes', (platform) => {
    const { integrity } = enginePackage(platform)!;
    expect(Buffer.from(integrity.replace(/^sha512-/, ''), 'base64')).toHaveLength(64);
  });

  test('an unknown platform is an error that says so', async () => {
    const options = { cacheFolder: folder.path, env: {}, platform: 'sunos-sparc' };
    await expect(locateEngineLibrary(options)).rejects.toThrow('no library for sunos-sparc');
  });

  test('have npm addresses', () => {
    expect(tarballUrl('https://registry.npmjs.org/', enginePackage('linux-x64')!)).toBe(
      `https://registry.npmjs.org/@duckdb/node-bindings-linux-x64/-/node-bindings-linux-x64-${ENGINE_VERSION}.tgz`,
    );
  });
});

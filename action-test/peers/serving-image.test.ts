/** The image that serves a model, unpacked by a public tool (umoci) and started as a container engine starts it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packCode } from '../../shared/models/code-archive.ts';
import { modelDigest } from '../../shared/models/digest.ts';
import { type TarEntry, writeTar } from '../../shared/models/tar-write.ts';
import { buildImage } from '../../shared/packaging/image.ts';
import { findFreePort } from '../../shared/programs/free-port.ts';

/** Programs of the system, not of a package. */
const PROGRAMS = { umoci: 'umoci', skopeo: 'skopeo', chroot: 'chroot', ldd: 'ldd' };
const missing = Object.values(PROGRAMS).filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
const isRoot = process.getuid?.() === 0;
const isSkipped = (missing.length > 0 || !isRoot) && process.env.CI !== 'true';
if (isSkipped) {
  console.warn(`Skipped: ${missing.join(', ') || 'root'} is needed to start a container (apt: umoci skopeo)`);
}

const SERVER = `
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const { weight, bias } = JSON.parse(readFileSync(process.env.MODEL_DIR + '/model.json', 'utf8'));
createServer(async (request, response) => {
  if (request.url === '/ping') return response.end();
  let body = '';
  for await (const chunk of request) body += chunk;
  const predictions = JSON.parse(body).inputs.map((x) => weight * x + bias);
  response.end(JSON.stringify({ predictions }));
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe.skipIf(isSkipped)('the image that serves a model', () => {
  let folder: string;

  beforeAll(async () => {
    expect(missing, 'programs that must be installed where CI=true').toEqual([]);
    expect(isRoot, 'a container is started by root').toBe(true);
    folder = await mkdtemp(join(tmpdir(), 'serving-image-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A base image with Node.js and a shell, as an image layout that skopeo has read and written. */
  async function makeBase(): Promise<string> {
    const files = new Map([
      ['bin/sh', '/bin/sh'],
      ['usr/bin/node', process.execPath],
    ]);
    for (const program of [...files.values()]) {
      const linked = execFileSync(PROGRAMS.ldd, [program], { encoding: 'utf8' });
      for (const [library] of linked.matchAll(/\/\S+\.so\S*/g)) files.set(library.slice(1), library);
    }
    const entries: TarEntry[] = [];
    for (const [path, location] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      entries.push({ path, location, size: (await stat(location)).size, isExecutable: true });
    }
    const layout = join(folder, 'empty');
    execFileSync(PROGRAMS.umoci, ['init', '--layout', layout]);
    execFileSync(PROGRAMS.umoci, ['new', '--image', `${layout}:base`]);
    const tar = join(folder, 'base.tar');
    await writeTar(tar, entries);
    execFileSync(PROGRAMS.umoci, ['raw', 'add-layer', '--image', `${layout}:base`, tar]);
    execFileSync(PROGRAMS.umoci, [
      'config',
      '--image',
      `${layout}:base`,
      '--config.env',
      'PATH=/usr/bin:/bin',
    ]);
    const base = join(folder, 'base');
    execFileSync(PROGRAMS.skopeo, ['--insecure-policy', 'copy', `oci:${layout}:base`, `oci:${base}:base`]);
    return `oci-layout:${base}:base`;
  }

  test('is unpacked by umoci, and its server answers a prediction', async () => {
    await mkdir(join(folder, 'model'));
    await writeFile(join(folder, 'model/model.json'), JSON.stringify({ weight: 2, bias: 1 }));
    await mkdir(join(folder, 'code'));
    await writeFile(join(folder, 'code/serve.cjs'), SERVER);
    const codeArchive = join(folder, 'code.tar');
    await packCode(join(folder, 'code'), codeArchive, []);
    const out = join(folder, 'out');
    await buildImage(
      {
        baseImage: await makeBase(),
        image: `oci-layout:${out}:1`,
        model: await modelDigest(join(folder, 'model')),
        codeArchive,
        serveCommand: 'exec node serve.cjs',
        labels: {},
        temporaryFolder: folder,
      },
      { env: {} },
    );
    const bundle = join(folder, 'bundle');
    execFileSync(PROGRAMS.umoci, ['unpack', '--image', `${out}:1`, bundle]);
    const runtime = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8'));
    const { args, env, cwd } = runtime.process as { args: string[]; env: string[]; cwd: string };
    const port = await findFreePort();
    const variables = Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
    expect(variables).toMatchObject({ MODEL_DIR: '/opt/mlops/model', PORT: '8080' });
    // An engine maps the container's port to one of the machine; without a network of its own it is given.
    const enter = ['/bin/sh', '-c', 'cd "$0" && exec "$@"', cwd, ...args];
    const container = spawn(
      execFileSync('sh', ['-c', 'command -v chroot'], { encoding: 'utf8' }).trim(),
      [join(bundle, 'rootfs'), ...enter],
      {
        detached: true,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...variables, PORT: String(port) },
      },
    );
    try {
      while (!(await fetch(`http://127.0.0.1:${port}/ping`).catch(() => undefined))) {
        if (container.exitCode !== null) throw new Error(`the container ended with ${container.exitCode}`);
      }
      const body = JSON.stringify({ inputs: [1, 2.5] });
      const answer = await fetch(`http://127.0.0.1:${port}/invocations`, { method: 'POST', body });
      expect(await answer.json()).toEqual({ predictions: [3, 6] });
    } finally {
      if (container.pid) process.kill(-container.pid, 'SIGKILL');
    }
  });
});

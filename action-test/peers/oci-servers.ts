/** Real registries on free loopback ports, each in a process group of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A program of the system, not of a package. */
const DOCKER_REGISTRY = 'docker-registry';

export interface RegistryServer {
  host: string;
  close(): Promise<void>;
}

/** Of those programs that are needed, the ones that are not there: names on the path, or files. */
export function missingPrograms(programs: readonly (string | undefined)[]): string[] {
  return programs
    .filter((program) => {
      if (program === undefined) return true;
      return program.includes('/')
        ? !existsSync(program)
        : spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0;
    })
    .map((program) => program ?? 'a program that scripts/install.mjs makes');
}

/**
 * docker-registry 2.8: no referrers API.
 * @param folder where it keeps what it is given. @param htpasswd a file of accounts, where it asks for one.
 */
export async function startDockerRegistry(
  folder: string,
  options: { htpasswd?: string; deletes?: boolean } = {},
): Promise<RegistryServer> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'config.yml');
  await writeFile(config, 'version: 0.1\nstorage: {filesystem: {}}\nhttp: {}\n');
  const host = `127.0.0.1:${await freePort()}`;
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    REGISTRY_HTTP_ADDR: host,
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(folder, 'data'),
    REGISTRY_STORAGE_DELETE_ENABLED: String(options.deletes ?? true),
  };
  if (options.htpasswd) {
    env.REGISTRY_AUTH = 'htpasswd';
    env.REGISTRY_AUTH_HTPASSWD_REALM = 'test';
    env.REGISTRY_AUTH_HTPASSWD_PATH = options.htpasswd;
  }
  const server = spawn(DOCKER_REGISTRY, ['serve', config], { detached: true, stdio: 'ignore', env });
  return answering(server, host);
}

/** A registry in memory with the referrers API. */
export async function startOciRegistry(program: string): Promise<RegistryServer> {
  const host = `127.0.0.1:${await freePort()}`;
  return answering(spawn(program, [host], { detached: true, stdio: 'ignore' }), host);
}

async function answering(server: ChildProcess, host: string): Promise<RegistryServer> {
  while (!(await fetch(`http://${host}/v2/`).catch(() => undefined))) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with ${server.exitCode}`);
  }
  return {
    host,
    close: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      if (server.pid) process.kill(-server.pid, 'SIGKILL');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

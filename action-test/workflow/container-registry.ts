import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';

export interface ContainerRegistry {
  host: string;
  /** Digest that a tag names, or undefined. */
  resolve(name: string, tag: string): Promise<string | undefined>;
  close(): Promise<void>;
}

const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

/** Starts Debian's docker-registry (CNCF Distribution) on a free loopback port, its blobs in `folder`. */
export async function startContainerRegistry(program: string, folder: string): Promise<ContainerRegistry> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const configuration = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'blobs') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(configuration));
  const child = spawn(program, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const host = `127.0.0.1:${port}`;
  await vi.waitFor(
    async () => {
      const { status } = await fetch(`http://${host}/v2/`);
      if (status !== 200) throw new Error(`the registry answers ${status}`);
    },
    { timeout: 20_000, interval: 50 },
  );
  return {
    host,
    resolve: async (name, tag) => {
      const answer = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, {
        headers: { accept: MANIFESTS },
      });
      await answer.arrayBuffer();
      return answer.status === 200 ? (answer.headers.get('docker-content-digest') ?? undefined) : undefined;
    },
    close: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || !address) return reject(new Error('no port'));
      server.close(() => resolve(address.port));
    });
  });
}

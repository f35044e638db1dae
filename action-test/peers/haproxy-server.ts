/** A real HAProxy on loopback, with a backend of two servers whose places are set at run time. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { freePort } from '../workflow/container-registry.ts';

/** A user's PATH often leaves the folder of servers out. */
const PROGRAM = ['haproxy', '/usr/sbin/haproxy'].find(
  (program) => spawnSync(program, ['-v']).error === undefined,
);
export const hasHaproxy = PROGRAM !== undefined;

/** A test that fails where tests may not be skipped. */
export function requireHaproxy(): void {
  if (hasHaproxy || process.env.CI !== 'true') return;
  test('HAProxy is there', () => expect.fail('No haproxy in the PATH'));
}

export const BACKEND = 'models';

export class HaproxyServer {
  readonly folder: string;
  /** Where users ask. */
  readonly address: string;
  /** Where Prometheus asks. */
  readonly metrics: string;
  private children: ChildProcess[] = [];

  private constructor(folder: string, ports: { users: number; metrics: number }) {
    this.folder = folder;
    this.address = `http://127.0.0.1:${ports.users}`;
    this.metrics = `127.0.0.1:${ports.metrics}`;
  }

  /** @param check what the configuration says of the health of its servers. */
  static async start(check = ''): Promise<HaproxyServer> {
    const folder = await mkdtemp(join(tmpdir(), 'haproxy-'));
    const ports = { users: await freePort(), metrics: await freePort() };
    const server = new HaproxyServer(folder, ports);
    await writeFile(join(folder, 'haproxy.cfg'), server.configuration(ports, check));
    await server.spawn([]);
    return server;
  }

  /** The inputs of canary-deploy. */
  get inputs(): Record<string, string> {
    return {
      target: 'haproxy',
      'haproxy-socket': this.socket,
      'haproxy-backend': BACKEND,
      'haproxy-address': this.address,
    };
  }

  get socket(): string {
    return join(this.folder, 'admin.sock');
  }

  /** What the runtime API says to a command. */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const connection = connect(this.socket);
      let text = '';
      connection.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      connection.once('error', reject).once('end', () => resolve(text));
      connection.write(`${command}\n`);
    });
  }

  /** Name → weight, of the servers that get requests. */
  async weights(): Promise<Record<string, number>> {
    const lines = (await this.ask(`show stat ${BACKEND} 4 -1`)).trim().split('\n');
    const names = lines[0]!.replace('# ', '').split(',');
    const rows = lines.slice(1).map((line) => line.split(','));
    const cell = (row: string[], name: string) => row[names.indexOf(name)]!;
    const serving = rows.filter((row) => !cell(row, 'status').startsWith('MAINT'));
    return Object.fromEntries(serving.map((row) => [cell(row, 'svname'), Number(cell(row, 'weight'))]));
  }

  /** As a machine that crashed does: what was set at run time is lost. */
  async restart(): Promise<void> {
    await this.end();
    await this.spawn([]);
  }

  /** As people are told to reload: the state of the servers is kept, connections are handed over. */
  async reload(): Promise<void> {
    await writeFile(join(this.folder, 'servers.state'), await this.ask('show servers state'));
    const old = this.children.at(-1)!;
    const ended = new Promise((resolve) => old.once('close', resolve));
    await this.spawn(['-x', this.socket, '-sf', String(old.pid)]);
    await ended;
  }

  async close(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async spawn(options: string[]): Promise<void> {
    const { folder } = this;
    const log = `${folder}/haproxy.log`;
    const command = ['-f', join(folder, 'haproxy.cfg'), '-db', ...options];
    const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>> "$LOG"', PROGRAM!, ...command], {
      cwd: folder,
      env: { LOG: log },
      stdio: 'ignore',
    });
    this.children.push(child);
    await vi.waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(await readFile(log, 'utf8'));
        expect(await this.ask('show info')).toContain(`Pid: ${child.pid}\n`);
      },
      { timeout: 30_000, interval: 20 },
    );
  }

  private async end(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    this.children = [];
  }

  private configuration(ports: { users: number; metrics: number }, check: string): string {
    return `global
  stats socket ${this.socket} mode 600 level admin expose-fd listeners
  server-state-file ${join(this.folder, 'servers.state')}
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option redispatch 1
  load-server-state-from-file global
frontend users
  bind 127.0.0.1:${ports.users}
  default_backend ${BACKEND}
frontend metrics
  bind 127.0.0.1:${ports.metrics}
  http-request use-service prometheus-exporter if { path /metrics }
backend ${BACKEND}
  balance roundrobin
  server blue 127.0.0.1:1 disabled ${check}
  server green 127.0.0.1:1 disabled ${check}
`;
  }
}

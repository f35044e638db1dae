import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../../../shared/errors.ts';
import { programEnvironment } from '../../../../shared/programs/environment.ts';
import { endGroup, groupIsAlive } from '../../../../shared/programs/process-group.ts';
import type { TrafficWindow } from '../../engine/window.ts';
import { LONGEST_REQUEST_MS, type Route, type RouterAddress, type RouterState } from '../../router/route.ts';
import type { Router } from './router.ts';
import type { ServingFolder } from './serving-state.ts';

const START_TIMEOUT_MS = 20_000;
const CALL_TIMEOUT_MS = 10_000;
/** It lets every request end first. */
const STOP_TIMEOUT_MS = LONGEST_REQUEST_MS + 5_000;

export interface RouterProcessOptions {
  folder: ServingFolder;
  /** The file that is run as the router. */
  routerFile: string;
  port: number;
  env: NodeJS.ProcessEnv;
}

/** The router that serves from a folder, as seen from the action: another process, spoken to over its control port. */
export class RouterProcess implements Router {
  private readonly options: RouterProcessOptions;

  constructor(options: RouterProcessOptions) {
    this.options = options;
  }

  /** Its state, or undefined when no router of this folder runs. */
  async find(): Promise<RouterState | undefined> {
    try {
      return (await this.call('GET', '/state')) as RouterState | undefined;
    } catch {
      return undefined;
    }
  }

  /** Starts the router unless it runs. @throws UserError with its last words when it does not come up. */
  async ensure(): Promise<RouterState> {
    const running = await this.find();
    if (running) return running;
    const { folder, routerFile, port, env } = this.options;
    rmSync(folder.file('router.json'), { force: true });
    if (!folder.token()) {
      writeFileSync(folder.file('token'), randomBytes(32).toString('hex'), { mode: 0o600 });
    }
    const words = [routerFile, '--folder', folder.path, '--port', String(port)];
    const logFile = folder.file('router.log');
    const log = openSync(logFile, 'w', 0o600);
    const child = spawn(process.execPath, words, {
      detached: true,
      stdio: ['ignore', log, log],
      // What carries the runner's mark is ended with the job, and this is to go on.
      env: programEnvironment(env, { NODE_OPTIONS: undefined, RUNNER_TRACKING_ID: undefined }),
    });
    closeSync(log);
    let ended = false;
    child.once('exit', () => {
      ended = true;
    });
    child.unref();
    const end = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < end) {
      const state = await this.find();
      if (state) return state;
      if (ended) break;
      await delay(20);
    }
    const lastWords = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '';
    throw new UserError(
      `The router could not be started on port ${port}: ${lastWords || 'it said nothing'}`,
      {
        where: { key: 'port' },
        fix: lastWords.includes('EADDRINUSE')
          ? 'Another program uses this port: end it or give another port.'
          : '',
      },
    );
  }

  async setRoute(route: Route): Promise<void> {
    await this.mustCall('PUT', '/route', route);
  }

  async windows(after: number): Promise<TrafficWindow[]> {
    return (await this.mustCall('GET', `/windows?after=${after}`)) as TrafficWindow[];
  }

  /** Lets every request end and stops it; nothing to do when it does not run. */
  async stop(): Promise<void> {
    const state = await this.find();
    if (!state) return;
    await this.call('POST', '/stop');
    const end = performance.now() + STOP_TIMEOUT_MS;
    while (groupIsAlive(state.pid) && performance.now() < end) await delay(20);
    await endGroup(state.pid, 0);
  }

  private async mustCall(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, body);
    if (answer === undefined) throw new Error('the router does not run');
    return answer;
  }

  /** undefined when no router is known. */
  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const address = this.options.folder.loadJson('router.json') as RouterAddress | undefined;
    const token = this.options.folder.token();
    if (!address || !token) return undefined;
    return callControl(address.controlPort, token, { method, path, body });
  }
}

function callControl(
  port: number,
  token: string,
  what: { method: string; path: string; body: unknown },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // node:http rather than fetch: this address must never be asked through a proxy.
    const { request } = process.getBuiltinModule('node:http');
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method: what.method,
        path: what.path,
        agent: false,
        timeout: CALL_TIMEOUT_MS,
        headers: { authorization: `Bearer ${token}` },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text));
          else
            reject(
              new Error(`the router refused ${what.method} ${what.path}: ${response.statusCode} ${text}`),
            );
        });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('the router did not answer in time')));
    asked.once('error', reject);
    asked.end(what.body === undefined ? undefined : JSON.stringify(what.body));
  });
}

import { readFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';

/** Requests to replay: the body of each `POST /invocations`. */
export interface Traffic {
  file: string;
  digest: string;
  bodies: string[];
  ratePerSecond: number;
}

export interface Replay {
  /**
   * Sends no more, and resolves when every request under way has ended.
   * @param options.abandon ends those at once; they count as failed.
   */
  stop(options?: { abandon?: boolean }): Promise<{ sent: number; failed: number }>;
}

const TICK_MS = 5;
const REQUEST_TIMEOUT_MS = 35_000;
/** A service that has stopped answering must not cost this process its memory. */
const MOST_UNDER_WAY = 2_000;

/**
 * Reads a file of requests, one JSON document a line.
 * @throws UserError naming the first line that is no JSON.
 */
export async function readTraffic(file: string, ratePerSecond: number): Promise<Traffic> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(`The traffic file ${file} could not be read.`, {
      where: { file, key: 'traffic' },
      cause,
    });
  });
  const bodies: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      JSON.parse(line);
    } catch (cause) {
      throw new UserError('A line of the traffic file is not JSON.', {
        where: { file, line: index + 1, key: 'traffic' },
        fix: 'Write one request body a line, as the model expects it at POST /invocations.',
        cause,
      });
    }
    bodies.push(line.trim());
  }
  if (bodies.length === 0) {
    throw new UserError('The traffic file holds no request.', { where: { file, key: 'traffic' } });
  }
  return { file, digest: sha256(text), bodies, ratePerSecond };
}

/** A static import would load all of node:http, its WebSocket too, at the start of the action. */
const loadHttp = () => process.getBuiltinModule('node:http');

/**
 * Sends requests at a fixed rate of arrivals, whether earlier ones were answered or not, as users would. The
 * file is begun again when it is at its end.
 */
export function replayTraffic(traffic: Traffic, address: string): Replay {
  const agent = new (loadHttp().Agent)({ keepAlive: true, maxSockets: MOST_UNDER_WAY });
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  let sent = 0;
  let failed = 0;
  let abandoned = false;
  const send = () => {
    const body = traffic.bodies[sent % traffic.bodies.length]!;
    sent += 1;
    const answered = postOnce(address, body, agent, () => abandoned).then((status) => {
      if (status < 200 || status >= 400) failed += 1;
    });
    underWay.add(answered);
    void answered.finally(() => underWay.delete(answered));
  };
  const tick = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * traffic.ratePerSecond;
    while (sent < due && underWay.size < MOST_UNDER_WAY) send();
  }, TICK_MS);
  return {
    stop: async ({ abandon = false } = {}) => {
      clearInterval(tick);
      abandoned = abandon;
      if (abandon) agent.destroy();
      await Promise.all(underWay);
      agent.destroy();
      return { sent, failed };
    },
  };
}

/**
 * Sends the first few requests to a model directly. @param bodies none asks only `GET /ping`.
 * @throws UserError at the first that is not answered with a status of 2xx or 3xx.
 */
export async function smokeCheck(address: string, bodies: readonly string[]): Promise<void> {
  const agent = new (loadHttp().Agent)();
  const ping = await send(address, { method: 'GET', path: '/ping', agent });
  if (ping !== 200) throw failure('GET /ping', ping);
  for (const body of bodies) {
    const status = await postOnce(address, body, agent);
    if (status < 200 || status >= 400) throw failure('POST /invocations', status);
  }
}

function failure(what: string, status: number): UserError {
  const answer = status === 0 ? 'was not answered' : `was answered with status ${status}`;
  return new UserError(`${what} ${answer} in the check before any traffic.`, {
    where: { key: 'serve-command' },
    fix: "Start the model's server by hand and send it a line of the traffic file.",
  });
}

function postOnce(
  address: string,
  body: string,
  agent: Agent,
  abandoned: () => boolean = () => false,
): Promise<number> {
  return send(address, { method: 'POST', path: '/invocations', agent, body }, abandoned);
}

/** The status of the whole answer; 0 when there was none. */
async function send(
  address: string,
  what: { method: string; path: string; agent: Agent; body?: string },
  abandoned: () => boolean = () => false,
): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const { status, stale } = await sendOnce(address, what);
    // A kept connection that the other side closed just now: HTTP clients try again, and so do we, once.
    if (!stale || tries > 0 || abandoned()) return status;
    await delay(1);
  }
}

function sendOnce(
  address: string,
  { method, path, agent, body }: { method: string; path: string; agent: Agent; body?: string },
): Promise<{ status: number; stale: boolean }> {
  return new Promise((resolve) => {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = loadHttp().request(
      new URL(path, address),
      { method, agent, headers, timeout: REQUEST_TIMEOUT_MS },
      (response) => {
        response.resume();
        response.once('end', () =>
          resolve({ status: response.complete ? (response.statusCode ?? 0) : 0, stale: false }),
        );
        response.once('error', () => resolve({ status: 0, stale: false }));
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ status: 0, stale: asked.reusedSocket && error.code === 'ECONNRESET' });
    });
    asked.end(body);
  });
}

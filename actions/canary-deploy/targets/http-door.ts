/** The way to a model over HTTP, as MLflow's and SageMaker's servers answer: `GET /ping`, `POST /invocations`. */
import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, ModelDoor } from './target.ts';

const REQUEST_TIMEOUT_MS = 35_000;
const MOST_CONNECTIONS = 2_000;
/** Of a longer answer the beginning is kept. */
const MOST_TEXT = 1_000_000;

/** A static import would load all of node:http, its WebSocket too, at the start of the action. */
const loadHttp = (address: string) =>
  address.startsWith('https:')
    ? process.getBuiltinModule('node:https')
    : process.getBuiltinModule('node:http');

interface Ask {
  method: string;
  path: string;
  body?: string;
  signal?: AbortSignal | undefined;
}

/** @param address `http://host:port`, or of https. @param armHeader of the answer, which names the arm. */
export function openHttpDoor(address: string, armHeader = 'x-mlops-arm'): ModelDoor {
  const agent = new (loadHttp(address).Agent)({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  const ask = (what: Ask) => send(address, what, { agent, armHeader });
  return {
    place: address,
    ping: async (signal) => (await ask({ method: 'GET', path: '/ping', signal })).status === 200,
    invoke: (body, signal) => ask({ method: 'POST', path: '/invocations', body, signal }),
  };
}

interface Way {
  agent: Agent;
  armHeader: string;
}

async function send(address: string, what: Ask, way: Way): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const { stale, ...answer } = await sendOnce(address, what, way);
    // A kept connection that the other side closed just now: HTTP clients try again, and so do we, once.
    if (!stale || tries > 0 || what.signal?.aborted) return answer;
    await delay(1);
  }
}

function sendOnce(
  address: string,
  { method, path, body, signal }: Ask,
  { agent, armHeader }: Way,
): Promise<Answer & { stale: boolean }> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const end = (status: number, text: string, more: Partial<Answer & { stale: boolean }> = {}) =>
      resolve({ status, text, milliseconds: performance.now() - begin, stale: false, ...more });
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = loadHttp(address).request(
      new URL(path, address),
      { method, agent, headers, timeout: REQUEST_TIMEOUT_MS, ...(signal && { signal }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          if (text.length < MOST_TEXT) text += part;
        });
        response.once('end', () => {
          const arm = response.headers[armHeader];
          const known: Partial<Answer> = arm === 'champion' || arm === 'challenger' ? { arm } : {};
          end(response.complete ? (response.statusCode ?? 0) : 0, text, known);
        });
        response.once('error', () => end(0, ''));
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', (error: NodeJS.ErrnoException) =>
      end(0, '', { stale: asked.reusedSocket && error.code === 'ECONNRESET' }),
    );
    asked.end(body);
  });
}

/** Whether an answer counts as a success for its client. */
export const isAnswered = ({ status }: Pick<Answer, 'status'>): boolean => status >= 200 && status < 400;

/** Sends the requests over HTTP and says how each ended. */
import type { Agent, ClientRequest, RequestOptions } from 'node:http';
import { UserError } from '../../../../shared/errors.ts';
import type { Answer } from '../../../../shared/http/fixed-rate.ts';

/**
 * Servers close connections that nobody uses, often after 2 to 5 seconds. Ours close earlier, so that a connection
 * reset is always the server's failure and no request needs a second try.
 */
const IDLE_MS = 1_000;

export interface Sender {
  /** Never rejects. */
  send(body: string): Promise<Answer>;
  close(): void;
}

/** Where requests go. `/invocations` where the URL has no path. @throws UserError for what is no http(s) URL. */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    // Not repeated: it may hold a password, and GitHub masks a secret only as a whole.
    throw new UserError('The endpoint is not a URL of http or https.', {
      where: { key: 'inputs.endpoint' },
      fix: 'Write it like http://127.0.0.1:8080/invocations.',
    });
  }
  if (url.pathname === '/') url.pathname = '/invocations';
  return url;
}

/** This machine's own servers cannot be reached through a proxy. */
const HERE = ['localhost', '127.0.0.1', '[::1]'];

export interface SenderOptions {
  /** A request that has no whole answer by then has failed. */
  timeoutMs: number;
  /** Names the proxy, where there is one. */
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

export function openSender(url: URL, { timeoutMs, env, signal }: SenderOptions): Sender {
  // A static import would load all of node:http, its WebSocket too, at the start of the action.
  const { request, Agent } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  const agent: Agent = new Agent({
    keepAlive: true,
    maxSockets: Number.POSITIVE_INFINITY,
    timeout: IDLE_MS,
    proxyEnv: HERE.includes(url.hostname) ? {} : env,
  });
  return {
    send: (body) => sendOnce(request, { url, agent, body, timeoutMs, signal }),
    close: () => agent.destroy(),
  };
}

type Request = (url: URL, options: RequestOptions) => ClientRequest;

function sendOnce(
  request: Request,
  given: { url: URL; agent: Agent; body: string; timeoutMs: number; signal: AbortSignal },
): Promise<Answer> {
  const { url, agent, body, timeoutMs, signal } = given;
  return new Promise((resolve) => {
    const end = (good: boolean) => {
      clearTimeout(timer);
      resolve({ good, endedAt: performance.now() });
    };
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', agent, headers, signal });
    const timer = setTimeout(() => asked.destroy(new Error('no whole answer in time')), timeoutMs);
    asked.once('response', (response) => {
      const { statusCode = 0 } = response;
      response.resume();
      // An answer that is cut off is an error and then closes, incomplete.
      response.on('error', () => undefined);
      response.once('close', () => end(response.complete && statusCode >= 200 && statusCode < 300));
    });
    asked.on('error', () => end(false));
    asked.end(body);
  });
}

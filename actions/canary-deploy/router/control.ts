import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TrafficWindow } from '../engine/window.ts';
import { parseRoute, type Route, type RouterState } from './route.ts';

export interface ControlActions {
  state(): RouterState;
  setRoute(route: Route): void;
  windows(after: number): TrafficWindow[];
  stop(): void;
}

const LARGEST_BODY_BYTES = 65_536;

/**
 * The control endpoint: `GET /state`, `PUT /route`, `GET /windows?after=N`, `POST /stop`. It listens on the
 * loopback interface and asks for the token that lies in the serving folder, readable by its owner alone.
 */
export function makeControlServer(token: string, actions: ControlActions): Server {
  return createServer((incoming, outgoing) => {
    respond(incoming, token, actions).then(
      ({ status, body }) => send(outgoing, status, body),
      (error) => send(outgoing, error instanceof TypeError ? 400 : 500, { error: String(error) }),
    );
  });
}

async function respond(
  incoming: IncomingMessage,
  token: string,
  actions: ControlActions,
): Promise<{ status: number; body: unknown }> {
  if (!sameText(incoming.headers.authorization ?? '', `Bearer ${token}`)) {
    return { status: 401, body: { error: 'the token is missing or wrong' } };
  }
  const url = new URL(incoming.url ?? '/', 'http://control');
  switch (`${incoming.method} ${url.pathname}`) {
    case 'GET /state':
      return { status: 200, body: actions.state() };
    case 'GET /windows':
      return { status: 200, body: actions.windows(Number(url.searchParams.get('after') ?? 0)) };
    case 'PUT /route':
      actions.setRoute(parseRoute(JSON.parse(await readText(incoming))));
      return { status: 200, body: actions.state() };
    case 'POST /stop':
      actions.stop();
      return { status: 202, body: {} };
    default:
      return { status: 404, body: { error: 'no such operation' } };
  }
}

function send(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  outgoing.end(JSON.stringify(body));
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) throw new TypeError('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Compares hashes, so that neither length nor content shows in the time it takes. */
function sameText(left: string, right: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(left), hash(right));
}

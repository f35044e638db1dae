import { Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** How a try to answer a request at one upstream ended. */
export interface Attempt {
  /**
   * `unanswered`: nothing was sent to the client yet, so another upstream may still answer. `abandoned`: the client
   * went away before the answer was whole.
   */
  kind: 'answered' | 'broken' | 'unanswered' | 'abandoned';
  /** Of the upstream; 0 without an answer, 504 when it took too long. */
  status: number;
}

/** Headers that speak of one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Request bodies up to this size are kept, so that another upstream can be asked. */
const KEPT_BODY_BYTES = 1_048_576;

/** One connection pool for all upstreams. */
export function makeAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 512, timeout: 0 });
}

/**
 * Reads a request's body as far as it can be kept.
 * @returns the bytes, and whether they are the whole body; the rest is still to be read from the request.
 */
export async function readBody(incoming: IncomingMessage): Promise<{ bytes: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    const done = (whole: boolean) => {
      incoming.off('data', take).off('end', end).off('error', reject).off('aborted', aborted);
      resolve({ bytes: Buffer.concat(chunks), whole });
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > KEPT_BODY_BYTES) {
        incoming.pause();
        done(false);
      }
    };
    const end = () => done(true);
    const aborted = () => reject(new Error('the client went away'));
    incoming.on('data', take).on('end', end).on('error', reject).on('aborted', aborted);
  });
}

export interface Forward {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  body: { bytes: Buffer; whole: boolean };
  port: number;
  agent: Agent;
  timeoutMs: number;
  /** Added to the answer. */
  headers: Record<string, string>;
  /** Listens to the answer while it is passed on. */
  tap?: (response: IncomingMessage) => void;
}

/** Sends a request to an upstream and its answer, as it comes, to the client. Never rejects. */
export async function forward(options: Forward): Promise<Attempt> {
  const first = await attempt(options);
  // A kept connection may be closed by the upstream in the moment in which it is used again: no fault of anyone.
  if (first.kind === 'unanswered' && first.stale && options.body.whole) return attempt(options);
  return first;
}

function attempt(options: Forward): Promise<Attempt & { stale?: boolean }> {
  const { incoming, outgoing, body, port, agent, timeoutMs } = options;
  return new Promise((resolve) => {
    let timedOut = false;
    const asked: ClientRequest = request({
      host: '127.0.0.1',
      port,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: requestHeaders(incoming, body),
      setHost: false,
    });
    const timer = setTimeout(() => {
      timedOut = true;
      asked.destroy();
    }, timeoutMs);
    const finish = (result: Attempt & { stale?: boolean }) => {
      clearTimeout(timer);
      outgoing.off('close', abandon);
      resolve(result);
    };
    const abandon = () => {
      asked.destroy();
      finish({ kind: 'abandoned', status: 0 });
    };
    outgoing.once('close', abandon);
    asked.once('error', (error: NodeJS.ErrnoException) => {
      if (outgoing.headersSent) return;
      const stale = asked.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      finish({ kind: 'unanswered', status: timedOut ? 504 : 0, stale });
    });
    asked.once('response', (response) => {
      outgoing.off('close', abandon);
      const status = response.statusCode ?? 502;
      try {
        if (status < 200) throw new RangeError(`${status} ends no exchange`);
        outgoing.writeHead(status, response.statusMessage, { ...keptHeaders(response), ...options.headers });
      } catch {
        // A status or a reason that is not of HTTP cannot be passed on: to the client that is no answer.
        outgoing.statusMessage = '';
        asked.destroy();
        return finish({ kind: 'unanswered', status: 0 });
      }
      outgoing.flushHeaders();
      options.tap?.(response);
      // Either side may reset its connection with the same code: who was first is told by the other's socket.
      let upstreamCut = false;
      response.once('error', () => {
        upstreamCut = !incoming.socket.destroyed;
      });
      pipeline(response, outgoing, (error) => {
        if (error) outgoing.destroy();
        const clientLeft = Boolean(error) && !upstreamCut && !timedOut;
        finish({ kind: clientLeft ? 'abandoned' : error ? 'broken' : 'answered', status });
      });
    });
    if (body.whole) {
      asked.end(body.bytes);
    } else {
      asked.write(body.bytes);
      incoming.pipe(asked);
    }
  });
}

/** The headers that go on to an upstream, with the length of a body that is kept. */
export function requestHeaders(incoming: IncomingMessage, body: { bytes: Buffer; whole: boolean }) {
  const headers = keptHeaders(incoming);
  if (body.whole && (body.bytes.length > 0 || headers['content-length'] !== undefined)) {
    headers['content-length'] = String(body.bytes.length);
  }
  if (!body.whole && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
  return headers;
}

function keptHeaders(message: IncomingMessage): Record<string, string | string[]> {
  const named = new Set(
    String(message.headers.connection ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
  return Object.fromEntries(
    Object.entries(message.headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]) && !named.has(entry[0]),
    ),
  );
}

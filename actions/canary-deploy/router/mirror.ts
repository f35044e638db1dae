import { type Agent, type IncomingMessage, request } from 'node:http';
import { type Attempt, requestHeaders } from './forward.ts';

/** Copies under way at one time; a request beyond them is not copied. */
export const MOST_COPIES = 64;

export interface Copy {
  incoming: IncomingMessage;
  body: { bytes: Buffer; whole: boolean };
  port: number;
  agent: Agent;
  timeoutMs: number;
  tap?: (response: IncomingMessage) => void;
}

/**
 * Sends a copy of a request to an upstream and drops its answer. Nobody waits for it, and whatever it does is no
 * concern of the client. Never rejects.
 */
export async function sendCopy(copy: Copy): Promise<Attempt> {
  const first = await attempt(copy);
  // As in `forward`: a kept connection that the upstream closes in the moment of its use is no fault of the model.
  return first.stale ? attempt(copy) : first;
}

function attempt(copy: Copy): Promise<Attempt & { stale?: boolean }> {
  const { incoming, body, port, agent, timeoutMs, tap } = copy;
  return new Promise((resolve) => {
    let timedOut = false;
    const asked = request({
      host: '127.0.0.1',
      port,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: { ...requestHeaders(incoming, body), 'x-mlops-mirrored': 'true' },
      setHost: false,
    });
    const timer = setTimeout(() => {
      timedOut = true;
      asked.destroy();
    }, timeoutMs);
    const finish = (result: Attempt & { stale?: boolean }) => {
      clearTimeout(timer);
      resolve(result);
    };
    asked.once('error', (error: NodeJS.ErrnoException) => {
      const stale = asked.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      finish({ kind: 'unanswered', status: timedOut ? 504 : 0, stale });
    });
    asked.once('response', (response) => {
      const status = response.statusCode ?? 502;
      tap?.(response);
      response.once('end', () => finish({ kind: 'answered', status }));
      response.once('error', () => finish({ kind: 'broken', status }));
      response.once('close', () => finish({ kind: 'broken', status }));
      response.resume();
    });
    asked.end(body.bytes);
  });
}

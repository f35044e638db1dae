/** As much of an HTTP exchange as the stand-ins of services use: that of `node:http` is one, and so is one in memory. */
import type { IncomingHttpHeaders } from 'node:http';

export interface ExchangeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: IncomingHttpHeaders;
  /** Ends the connection; no answer comes. */
  socket: { destroy(): unknown };
  /** The body, in pieces. */
  [Symbol.asyncIterator](): AsyncIterator<string | Uint8Array>;
}

export interface ExchangeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, headers?: Record<string, string | number>): ExchangeResponse;
  end(body?: string | Uint8Array): unknown;
}

export type ExchangeHandler = (request: ExchangeRequest, response: ExchangeResponse) => Promise<void>;

export interface MemoryRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: Record<string, string>;
  body: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
}

export interface MemoryAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** One exchange without a connection. @returns undefined when the handler ended the connection, or never answers. */
export async function exchangeInMemory(
  handle: ExchangeHandler,
  { body, ...request }: MemoryRequest,
): Promise<MemoryAnswer | undefined> {
  const headers: Record<string, string> = {};
  let sent: string | Uint8Array | undefined;
  let isCut = false;
  const response: ExchangeResponse = {
    statusCode: 200,
    setHeader(name, value) {
      headers[name.toLowerCase()] = value;
    },
    writeHead(status, more = {}) {
      response.statusCode = status;
      for (const [name, value] of Object.entries(more)) headers[name.toLowerCase()] = String(value);
      return response;
    },
    end(piece = '') {
      sent = piece;
    },
  };
  const socket = {
    destroy() {
      isCut = true;
    },
  };
  async function* pieces() {
    yield* body;
  }
  await handle({ ...request, socket, [Symbol.asyncIterator]: pieces }, response);
  if (isCut || sent === undefined) return undefined;
  return { status: response.statusCode, headers, body: typeof sent === 'string' ? Buffer.from(sent) : sent };
}

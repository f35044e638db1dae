/**
 * A server on loopback that passes every request on to another one, except where it is told to break the
 * connection: so that a client meets each fault at each of its requests, against a fake or a real server alike.
 */
import { type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { startLoopbackServer } from './loopback-server.ts';

/**
 * `fail`: answered 503 once, without effect. `lost`: takes effect once, and the answer never comes.
 * `killed-before`, `killed-after`: as if the client's process were killed before, or right after the request took
 * effect: nothing that it sends later arrives, whatever it tries.
 */
export const FAULTS = ['fail', 'lost', 'killed-before', 'killed-after'] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultProxy {
  /** `http://127.0.0.1:PORT`, in the place of the server's own address. */
  url: string;
  port: number;
  /** `METHOD /path?query` of every request since the last {@link arm} or {@link heal}. */
  requests: string[];
  /** The request with this number, counted from 0 from now on, meets the fault. */
  arm(fault: Fault, index: number): void;
  /** Whether the armed fault has been met. */
  hasStruck(): boolean;
  /** Before the request with this number is passed on, counted from 0 from now on, this is done to its end. */
  before(index: number, work: () => Promise<unknown>): void;
  /** From now on everything is passed on. */
  heal(): void;
  close(): Promise<void>;
}

/** @param upstream `http://host:port` of the server behind. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const requests: string[] = [];
  let armed: { fault?: Fault; index: number; work?: () => Promise<unknown> } | undefined;
  let struck = false;
  const arm = (next: typeof armed) => {
    armed = next;
    struck = false;
    requests.length = 0;
  };
  const server = await startLoopbackServer(async (request, response) => {
    const index = requests.push(`${request.method} ${request.url}`) - 1;
    const isIt = armed?.index === index;
    struck ||= isIt;
    if (isIt && armed?.fault === 'fail') {
      request.resume();
      return void response.writeHead(503, { 'content-type': 'text/plain' }).end('armed');
    }
    if (isIt && armed?.work) await armed.work();
    const isDead = struck && armed?.fault?.startsWith('killed');
    if (isDead && !(isIt && armed?.fault === 'killed-after')) return void request.socket.destroy();
    await passOn(upstream, request, response, isIt && armed?.fault !== undefined);
  });
  return {
    url: server.url,
    port: server.port,
    requests,
    arm: (fault, index) => arm({ fault, index }),
    before: (index, work) => arm({ index, work }),
    hasStruck: () => struck,
    heal: () => arm(undefined),
    close: server.close,
  };
}

async function passOn(
  upstream: string,
  request: IncomingMessage,
  response: ServerResponse,
  losesAnswer: boolean,
): Promise<void> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    // The headers as they came: a signature may cover them, the host too.
    const { method, headers } = request;
    const onward = sendRequest(new URL(request.url ?? '/', upstream), { method, headers, agent: false });
    onward.on('response', resolve).on('error', reject);
    pipeline(request, onward).catch(reject);
  });
  if (losesAnswer) {
    // To the end: only then has it taken effect for certain.
    for await (const _ of answer);
    return void request.socket.destroy();
  }
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}

export interface Attempt {
  /** What is interrupted; run again after a fault. */
  run(): Promise<unknown>;
  /** What must hold after the second run. */
  check(): Promise<void>;
}

export interface MetFault {
  fault: Fault;
  index: number;
  /** `METHOD /path?query` of the request that met it. */
  request: string;
  /** What the interrupted run ended with; undefined when the client overcame the fault by itself. */
  error: unknown;
}

/**
 * Meets every fault at every request: for each, `begin` makes a fresh start, its `run` is interrupted, run again
 * in peace, and checked. Ends for a fault when a run needs no more requests.
 */
export async function meetEveryFault(
  proxy: FaultProxy,
  begin: () => Promise<Attempt>,
  faults: readonly Fault[] = FAULTS,
): Promise<MetFault[]> {
  const met: MetFault[] = [];
  for (const fault of faults) {
    for (let index = 0; ; index++) {
      proxy.heal();
      const attempt = await begin();
      proxy.arm(fault, index);
      const error = await attempt.run().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!proxy.hasStruck()) {
        if (error !== undefined) throw error;
        break;
      }
      met.push({ fault, index, request: proxy.requests[index] ?? '', error });
      proxy.heal();
      await attempt.run();
      await attempt.check();
    }
  }
  return met;
}

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ArmName } from '../engine/window.ts';
import { type Attempt, forward, makeAgent, readBody } from './forward.ts';
import { MOST_COPIES, sendCopy } from './mirror.ts';
import { tapPrediction } from './read-prediction.ts';
import type { Route, Upstream } from './route.ts';
import type { WindowCounter } from './windows.ts';

export interface ProxyOptions {
  counter: WindowCounter;
  /** The route in force now. */
  route: () => Route | null;
  upstreamTimeoutMs: number;
  random: () => number;
}

export interface Proxy {
  handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  /** Requests under way by upstream port. */
  inFlight(): Record<string, number>;
}

/**
 * A client that leaves sooner than this has changed its mind, or was ended; one that waited longer gave up on the
 * model, and that is an error of the model.
 */
const PATIENCE_MS = 1_000;

/**
 * Gives each request to an arm and counts how it ended there. If that arm does not answer, the other one does:
 * the client notices nothing, and the failure is counted where it happened. `GET /ping` is not counted. Where the
 * route says so, the challenger gets a copy of what the champion answers, and its own answer is dropped.
 */
export function makeProxy(options: ProxyOptions): Proxy {
  const agent = makeAgent();
  const underWay = new Map<number, number>();
  let copies = 0;

  async function ask(
    exchange: {
      incoming: IncomingMessage;
      outgoing: ServerResponse;
      body: { bytes: Buffer; whole: boolean };
    },
    arm: ArmName,
    upstream: Upstream,
    tap?: (response: IncomingMessage) => void,
  ): Promise<Attempt> {
    const headers = { 'x-mlops-arm': arm, 'x-mlops-digest': upstream.digest };
    return whileUnderWay(upstream, () =>
      forward({ ...exchange, ...toUpstream(upstream), headers, ...(tap && { tap }) }),
    );
  }

  const toUpstream = ({ port }: Upstream) => ({ port, agent, timeoutMs: options.upstreamTimeoutMs });

  async function whileUnderWay(upstream: Upstream, work: () => Promise<Attempt>): Promise<Attempt> {
    underWay.set(upstream.port, (underWay.get(upstream.port) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (underWay.get(upstream.port) ?? 1) - 1;
      if (left > 0) underWay.set(upstream.port, left);
      else underWay.delete(upstream.port);
    }
  }

  /** The challenger's answer to a copy, counted and dropped. */
  async function copy(
    incoming: IncomingMessage,
    body: { bytes: Buffer; whole: boolean },
    challenger: Upstream,
  ): Promise<void> {
    copies += 1;
    options.counter.assigned('challenger');
    const began = performance.now();
    const attempt = await whileUnderWay(challenger, () =>
      sendCopy({ incoming, body, ...toUpstream(challenger), tap: tapOf('challenger') }),
    );
    copies -= 1;
    options.counter.ended('challenger', performance.now() - began, isFailure(attempt, incoming.method));
  }

  const tapOf = (arm: ArmName) => (response: IncomingMessage) =>
    tapPrediction(response, (name) => options.counter.predicted(arm, name));

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const route = options.route();
    if (!route) return answer(outgoing, 503, 'no model serves yet');
    const arm = chooseArm(route, stickyValue(incoming, route.stickyHeader), options.random);
    const isPing = incoming.method === 'GET' && incoming.url === '/ping';
    const body = await readBody(incoming).catch(() => undefined);
    if (!body) return;
    const mirrors = route.mirror === true && route.challenger !== null;
    const isCopied = mirrors && !isPing && body.whole && copies < MOST_COPIES;
    const counted = !isPing && (!mirrors || isCopied);
    if (isCopied) void copy(incoming, body, route.challenger!);
    // Counted once the request is whole: one that its client gave up before is nobody's.
    if (counted) options.counter.assigned(arm);
    const began = performance.now();
    const exchange = { incoming, outgoing, body };
    const first = await ask(
      exchange,
      arm,
      arm === 'challenger' ? route.challenger! : route.champion,
      // Predictions are only compared while there are two arms.
      counted && route.challenger ? tapOf(arm) : undefined,
    );
    const milliseconds = performance.now() - began;
    const cancelled = first.kind === 'abandoned' && milliseconds < PATIENCE_MS;
    if (counted && !cancelled) options.counter.ended(arm, milliseconds, isFailure(first, incoming.method));
    if (first.kind !== 'unanswered') return;
    const other = arm === 'challenger' ? route.champion : route.challenger;
    const second =
      body.whole && other && first.status !== 504
        ? await ask(exchange, arm === 'challenger' ? 'champion' : 'challenger', other)
        : first;
    if (second.kind === 'unanswered') {
      answer(outgoing, second.status === 504 ? 504 : 502, 'the model did not answer');
    }
  }

  return { handle, inFlight: () => Object.fromEntries(underWay) };
}

/** The arm of one request: by the hash of its sticky value, or at random. */
export function chooseArm(route: Route, sticky: string | undefined, random: () => number): ArmName {
  if (!route.challenger || route.weight <= 0) return 'champion';
  const draw = sticky === undefined ? random() : hashToShare(sticky);
  return draw * 100 < route.weight ? 'challenger' : 'champion';
}

/** A failure of the model: no whole answer, a status of 500 and above, or a posted request refused (4xx). */
function isFailure(attempt: Attempt, method: string | undefined): boolean {
  if (attempt.kind !== 'answered' || attempt.status >= 500) return true;
  return method === 'POST' && attempt.status >= 400;
}

function hashToShare(value: string): number {
  return createHash('sha256').update(value).digest().readUInt32BE(0) / 2 ** 32;
}

function stickyValue(incoming: IncomingMessage, header: string | null): string | undefined {
  const value = header === null ? undefined : incoming.headers[header.toLowerCase()];
  return Array.isArray(value) ? value[0] : value;
}

function answer(outgoing: ServerResponse, status: number, error: string): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ error }));
}

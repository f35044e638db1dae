/**
 * What a load generator says of servers whose behaviour is known: the gate's own against autocannon. Both are asked for
 * 50 requests a second over 10 connections or as many as it takes.
 */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import { loadSample, requestCount } from '../actions/evaluate-gate/blocks/load/load-sample.ts';
import { measureTargets } from '../actions/evaluate-gate/blocks/load/served-models.ts';
import { percentile } from '../shared/stats/order-statistics.ts';
import { silentLog } from '../shared/testing/silent-log.ts';
import type { Benchmark } from './measure.ts';

const RATE = 50;
const SECONDS = 8;
const TIME_MS = 50;
const STALL = { from: 2000, to: 4000 };
const DROPPED_OF = 10;

interface Seen {
  requests: number;
  errors: number;
  p50: number;
  p99: number;
}

interface Scene {
  what: string;
  /** What a client that asks at fixed times sees. */
  truth: Seen;
  /** A server of its own for each run; it is told when the run begins. */
  handler(): RequestListener;
}

const TOTAL = RATE * SECONDS;
const stalled = Array.from({ length: TOTAL }, (_, index) => (index * 1000) / RATE).map((due) =>
  due >= STALL.from && due < STALL.to ? STALL.to - due : TIME_MS,
);
const stallTruth = loadSample(Float64Array.from(stalled), 0);

const SCENES: Scene[] = [
  {
    what: `takes ${TIME_MS} ms for each request`,
    truth: { requests: TOTAL, errors: 0, p50: TIME_MS, p99: TIME_MS },
    handler: () => (request, response) => {
      request.resume();
      setTimeout(() => response.end('{}'), TIME_MS);
    },
  },
  {
    what: `takes ${TIME_MS} ms, and answers nothing from second ${STALL.from / 1000} to ${STALL.to / 1000}`,
    truth: {
      requests: TOTAL,
      errors: 0,
      p50: percentile(stallTruth.all, 0.5),
      p99: percentile(stallTruth.all, 0.99),
    },
    handler: () => {
      let began: number | undefined;
      return (request, response) => {
        request.resume();
        began ??= performance.now();
        const time = performance.now() - began;
        setTimeout(
          () => response.end('{}'),
          time >= STALL.from && time < STALL.to ? STALL.to - time : TIME_MS,
        );
      };
    },
  },
  {
    what: `closes the connection of every ${DROPPED_OF}th request instead of answering`,
    truth: { requests: TOTAL, errors: TOTAL / DROPPED_OF, p50: 0, p99: 0 },
    handler: () => {
      let count = 0;
      return (request, response) => {
        request.resume();
        count += 1;
        if (count % DROPPED_OF === 0) request.socket.end();
        else response.end('{}');
      };
    },
  },
];

export async function benchmark(): Promise<Benchmark> {
  const rows: string[] = [];
  let withinLimit = true;
  for (const scene of SCENES) {
    const ours = await seenBy(scene, withGate);
    const theirs = await seenBy(scene, withAutocannon);
    // A tenth of the time, and what a busy machine adds.
    const near = (a: number, b: number) => Math.abs(a - b) <= 0.1 * b + 15;
    withinLimit &&=
      ours.requests === scene.truth.requests &&
      ours.errors === scene.truth.errors &&
      near(ours.p50, scene.truth.p50) &&
      near(ours.p99, scene.truth.p99);
    for (const [who, seen] of [
      ['truth', scene.truth],
      ['the gate', ours],
      ['autocannon', theirs],
    ] as const) {
      rows.push(
        `| ${scene.what} | ${who} | ${seen.requests} | ${seen.errors} | ${seen.p50.toFixed(0)} | ${seen.p99.toFixed(0)} |`,
      );
    }
  }
  return {
    title: `What load generators see of a server at ${RATE} requests a second for ${SECONDS} s`,
    table: [
      '| the server | | requests | errors | p50, ms | p99, ms |',
      '|---|---|--:|--:|--:|--:|',
      ...rows,
    ].join('\n'),
    withinLimit,
  };
}

async function seenBy(scene: Scene, measure: (url: URL) => Promise<Seen>): Promise<Seen> {
  const server = createServer(scene.handler());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await measure(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/invocations`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function withGate(url: URL): Promise<Seen> {
  const settings = { requestsPerSecond: RATE, durationMs: SECONDS * 1000, warmUpMs: 0, bodies: ['{}'] };
  const { samples } = await measureTargets([url], settings, {
    log: silentLog,
    env: {},
    signal: new AbortController().signal,
  });
  const { answered, failures } = samples[0]!;
  return {
    requests: requestCount(samples[0]!),
    errors: failures,
    p50: percentile(answered, 0.5),
    p99: percentile(answered, 0.99),
  };
}

async function withAutocannon(url: URL): Promise<Seen> {
  const result = await autocannon({
    url: url.href,
    method: 'POST',
    body: '{}',
    connections: 10,
    overallRate: RATE,
    duration: SECONDS,
  });
  return {
    requests: result.requests.sent,
    errors: result.errors + result.non2xx,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

import { readFile } from 'node:fs/promises';
import { UserError } from '../../shared/errors.ts';
import { sha256 } from '../../shared/records/canonical-json.ts';
import { isAnswered } from './targets/http-door.ts';
import type { ModelDoor } from './targets/target.ts';

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

/**
 * Sends requests at a fixed rate of arrivals, whether earlier ones were answered or not, as users would. The
 * file is begun again when it is at its end.
 */
export function replayTraffic(traffic: Traffic, door: ModelDoor): Replay {
  const abandoning = new AbortController();
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  let sent = 0;
  let failed = 0;
  const send = () => {
    const body = traffic.bodies[sent % traffic.bodies.length]!;
    sent += 1;
    const answered = door.invoke(body, abandoning.signal).then((answer) => {
      if (!isAnswered(answer)) failed += 1;
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
      if (abandon) abandoning.abort();
      await Promise.all(underWay);
      return { sent, failed };
    },
  };
}

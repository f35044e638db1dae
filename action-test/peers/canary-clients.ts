/** Users of a model: each asks without a pause, over a connection of its own, and remembers what it got. */
import { Agent, request } from 'node:http';

export interface Clients {
  /** Status and text of every answer that was no success; status 0 without one. */
  failures: { status: number; text: string }[];
  /** How often each text was the answer of a success, since it was cleared last. */
  answers: Map<string, number>;
  asked(): number;
  stop(): Promise<void>;
}

/**
 * @param pauseMs of each client between an answer and the next request.
 * @param asksAgain whether a client asks once more where a connection that it had kept was closed meanwhile, as HTTP
 * lets it and most libraries do.
 */
export function startClients(
  address: string,
  options: { count: number; bodies: readonly string[]; pauseMs?: number; asksAgain?: boolean },
): Clients {
  const { count, bodies, pauseMs = 0, asksAgain = false } = options;
  const failures: Clients['failures'] = [];
  const answers: Clients['answers'] = new Map();
  let asked = 0;
  let stopped = false;
  const loop = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!stopped) {
      const body = bodies[asked % bodies.length]!;
      asked += 1;
      let { status, text, wasStale } = await send(address, body, agent);
      if (wasStale && asksAgain) ({ status, text } = await send(address, body, agent));
      if (status === 200) answers.set(text, (answers.get(text) ?? 0) + 1);
      else failures.push({ status, text });
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  };
  const loops = Array.from({ length: count }, loop);
  return {
    failures,
    answers,
    asked: () => asked,
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

interface Answer {
  status: number;
  text: string;
  /** Whether nothing came because a kept connection was closed. */
  wasStale?: boolean;
}

function send(address: string, body: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(`${address}/invocations`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.complete ? response.statusCode! : 0, text }));
      response.once('error', ({ message }) => resolve({ status: 0, text: message }));
    });
    asked.once('error', (error: NodeJS.ErrnoException) => {
      const wasStale = asked.reusedSocket && error.code === 'ECONNRESET';
      resolve({ status: 0, text: error.message, wasStale });
    });
    asked.end(body);
  });
}

import { isAnswered } from '../targets/http-door.ts';
import type { Answer, ModelDoor } from '../targets/target.ts';
import type { Finding } from './finding.ts';

/** Sends the first few requests to a model directly. @param bodies none asks only whether it is ready. */
export async function readinessCheck(
  door: ModelDoor,
  bodies: readonly string[],
  signal: AbortSignal,
): Promise<Finding> {
  if (!(await door.ping(signal)))
    return { passed: false, said: 'GET /ping was not answered with status 200' };
  for (const body of bodies) {
    const answer = await door.invoke(body, signal);
    if (!isAnswered(answer)) return { passed: false, said: describeAnswer(answer) };
  }
  const requests = bodies.length === 1 ? 'one request' : `${bodies.length} requests`;
  return { passed: true, said: bodies.length === 0 ? 'it says so' : `it says so and answered ${requests}` };
}

/** `POST /invocations was answered with status 500` */
export function describeAnswer({ status }: Answer): string {
  return `POST /invocations ${status === 0 ? 'was not answered' : `was answered with status ${status}`}`;
}

/** `before/` is what a challenger must show before it gets any traffic. */
import { UserError } from '../../../shared/errors.ts';
import { isAnswered } from '../targets/http-door.ts';
import type { ModelDoor } from '../targets/target.ts';

/**
 * Sends the first few requests to a model directly. @param bodies none asks only whether it is ready.
 * @throws UserError at the first that is not answered with a status of 2xx or 3xx.
 */
export async function smokeCheck(door: ModelDoor, bodies: readonly string[]): Promise<void> {
  if (!(await door.ping())) throw failure('GET /ping was not answered with status 200');
  for (const body of bodies) {
    const answer = await door.invoke(body);
    if (isAnswered(answer)) continue;
    throw failure(
      `POST /invocations ${answer.status === 0 ? 'was not answered' : `was answered with status ${answer.status}`}`,
    );
  }
}

function failure(what: string): UserError {
  return new UserError(`${what} in the check before any traffic.`, {
    where: { key: 'serve-command' },
    fix: "Start the model's server by hand and send it a line of the traffic file.",
  });
}

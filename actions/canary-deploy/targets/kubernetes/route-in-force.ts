import { UserError } from '../../../../shared/errors.ts';
import type { ApiServer } from './api-server.ts';
import type { HttpRoute } from './kinds.ts';

const NEEDED = ['Accepted', 'ResolvedRefs'];

/**
 * Waits until the gateway has taken the route as it was written. Where no controller has ever written a status, what
 * the API server has stored is all that can be known. A cancelled run does not wait.
 * @throws UserError when the gateway refuses it, or says nothing for long.
 */
export async function awaitSplit(
  api: ApiServer,
  written: HttpRoute,
  progress: (message: string) => void,
): Promise<void> {
  if (api.isCancelled) return;
  const { name, generation = 0 } = written.metadata;
  await api.until(
    async () => {
      const route = await api.get('HTTPRoute', name);
      const parents = route.status?.parents ?? [];
      let isLate = false;
      for (const { controllerName, conditions = [] } of parents) {
        for (const type of NEEDED) {
          const condition = conditions.find((one) => one.type === type);
          if (!condition) continue;
          if ((condition.observedGeneration ?? generation) < generation) isLate = true;
          else if (condition.status === 'False') throw refused(name, controllerName, condition);
          else if (condition.status !== 'True') isLate = true;
        }
      }
      if (isLate) progress(`the HTTPRoute ${name} is not in force yet; waiting`);
      return isLate ? undefined : true;
    },
    () =>
      new UserError(`The gateway has not taken the weights of the HTTPRoute ${name}.`, {
        where: { key: 'kubernetes-resource' },
        fix: `Look at its status with: kubectl describe httproute ${name}`,
      }),
  );
}

function refused(
  route: string,
  controller: string,
  { type, reason, message }: { type: string; reason?: string; message?: string },
): UserError {
  const said = [reason, message].filter(Boolean).join(': ').replace(/\.$/, '');
  return new UserError(
    `The gateway (${controller}) does not take the HTTPRoute ${route}: ${type} is False, ${said}.`,
    {
      where: { key: 'kubernetes-resource' },
      fix: 'Mend what it names; the weights are stored, and it may go on with those before.',
    },
  );
}

/** The only endpoints that are ever deleted: made by this action, and no user was told of them. */
import type { EndpointService } from './endpoint-service.ts';
import { TAG } from './names.ts';
import type { Patience } from './settle.ts';

const POLL_MS = 10_000;

/** An endpoint that never came up and that this action made is deleted: nothing else is allowed. */
export async function removeFailedCreation(service: EndpointService, patience: Patience): Promise<void> {
  const endpoint = await service.describeEndpoint();
  if (endpoint?.EndpointStatus !== 'Failed') return;
  const tags = await service.tags(endpoint.EndpointArn ?? '');
  if (tags[TAG.endpoint] !== service.endpoint || tags[TAG.crowned] !== undefined) return;
  patience.progress(`The endpoint ${service.endpoint} never came up: it is deleted`);
  await deleteEndpoint(service, patience);
}

/** Deletes the endpoint and waits until it is gone. */
export async function deleteEndpoint(service: EndpointService, patience: Patience): Promise<void> {
  await service.deleteEndpoint();
  while ((await service.describeEndpoint()) !== undefined) {
    patience.progress(`the endpoint ${service.endpoint} is being deleted; waiting`);
    await patience.wait(POLL_MS);
  }
}

import type { ModelDoor } from '../target.ts';
import type { ApiServer } from './api-server.ts';

/** The way to a Service past the route, through the API server. */
export function serviceDoor(api: ApiServer, service: string, port: number): ModelDoor {
  return {
    place: `the Service ${service}`,
    ping: async (signal) => {
      const { status } = await api.proxy(service, port, { method: 'GET', path: '/ping', signal });
      return status === 200;
    },
    invoke: async (body, signal) => {
      const begin = performance.now();
      const request = { method: 'POST', path: '/invocations', body, signal } as const;
      const answer = await api.proxy(service, port, request);
      return { ...answer, milliseconds: performance.now() - begin };
    },
  };
}

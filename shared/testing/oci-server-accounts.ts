import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fail, type OciServerOptions, type OciServerState } from './oci-server-state.ts';

/** Who may do what in the registry for tests. */

export function isAllowed(
  request: IncomingMessage,
  response: ServerResponse,
  repository: string,
  state: OciServerState,
  { auth }: OciServerOptions,
): boolean {
  if (!auth) return true;
  const given = request.headers.authorization ?? '';
  if (auth.kind === 'basic') {
    if (given === basic(auth)) return true;
    fail(response, 401, 'UNAUTHORIZED', `not known: ${given}`, 'Basic realm="test"');
    return false;
  }
  const scopes = state.tokens.get(given.replace('Bearer ', '')) ?? [];
  const lender = new URL(request.url ?? '/', 'http://localhost').searchParams.get('from');
  const needed = [
    [repository, actionOf(request.method ?? 'GET')] as const,
    ...(lender ? [[lender, 'pull'] as const] : []),
  ];
  const has = ([name, action]: readonly [string, string]) =>
    scopes.some((scope) => {
      const [, owner, actions = ''] = scope.split(':');
      return owner === name && actions.split(',').includes(action);
    });
  if (needed.every(has)) return true;
  const realm = `http://${request.headers.host}/token`;
  const challenge = `Bearer realm="${realm}",service="test,registry"`;
  fail(response, 401, 'UNAUTHORIZED', `not known: ${given}`, challenge);
  return false;
}

function actionOf(method: string): string {
  if (method === 'GET' || method === 'HEAD') return 'pull';
  return method === 'DELETE' ? 'delete' : 'push';
}

export function sellToken(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  state: OciServerState,
  { auth }: OciServerOptions,
): ServerResponse {
  if (!auth || request.headers.authorization !== basic(auth)) {
    return fail(response, 401, 'UNAUTHORIZED', `wrong password ${auth?.password}`);
  }
  if (url.searchParams.get('service') !== 'test,registry')
    return fail(response, 400, 'SERVICE', 'unknown service');
  const token = `token-${randomUUID()}`;
  state.tokens.set(token, url.searchParams.getAll('scope'));
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token }));
}

function basic(auth: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}

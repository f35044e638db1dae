/**
 * A tracking server of MLflow in memory on a loopback port: as much of its REST interface as the registry uses, and
 * as it was measured on MLflow 3.17.2, refusals included. Its oracle is the common suite, which runs over this one
 * and over the real server.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendJson, startLoopbackServer } from './loopback-server.ts';
import { MlflowRefusal } from './mlflow-refusal.ts';
import { answerArtifacts } from './mlflow-server-artifacts.ts';
import { type Given, handlers, type MlflowServerOptions, type MlflowState } from './mlflow-server-calls.ts';

export interface FakeMlflow extends MlflowState {
  url: string;
  /** Every request as `METHOD path`. */
  requests: string[];
  headers: IncomingMessage['headers'][];
  close(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startMlflowServer(options: MlflowServerOptions = {}): Promise<FakeMlflow> {
  const state: MlflowState = {
    models: new Map(),
    experiments: new Map(),
    runs: new Map(),
    artifacts: new Map(),
  };
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = await startLoopbackServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://loopback');
    requests.push(`${request.method} ${url.pathname}`);
    headers.push(request.headers);
    const body = await readBody(request);
    try {
      if (options.isDown?.()) throw new MlflowRefusal(503, 'TEMPORARILY_UNAVAILABLE', 'Down');
      const isOwn = !url.pathname.startsWith('/storage/');
      if (isOwn && options.authorization && request.headers.authorization !== options.authorization) {
        throw new MlflowRefusal(
          401,
          'UNAUTHENTICATED',
          `You are not authenticated: ${request.headers.authorization}`,
        );
      }
      answer(request, response, url, body, state, options);
    } catch (error) {
      if (!(error instanceof MlflowRefusal)) throw error;
      sendJson(response, error.status, { error_code: error.code, message: error.message });
    }
  });
  return { ...state, url: server.url, requests, headers, close: server.close };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: Buffer,
  state: MlflowState,
  options: MlflowServerOptions,
): void {
  if (url.pathname.startsWith('/api/2.0/mlflow-artifacts/') || url.pathname.startsWith('/storage/')) {
    return void answerArtifacts(request, response, url, body, state.artifacts, options.multipart ?? false);
  }
  const call = `${request.method} ${url.pathname.replace('/api/2.0/mlflow/', '')}`;
  const given =
    request.method === 'GET'
      ? Object.fromEntries(url.searchParams)
      : (JSON.parse(body.toString('utf8')) as Record<string, unknown>);
  const handler = handlers[call];
  if (!handler) throw new MlflowRefusal(404, 'ENDPOINT_NOT_FOUND', `No endpoint ${call}`);
  sendJson(response, 200, handler(given as unknown as Given, state, options) ?? {});
}

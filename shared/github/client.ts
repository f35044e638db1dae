/**
 * The one client of GitHub's REST API: retries what may be retried, waits where GitHub asks to wait. Octokit is
 * loaded only when a run talks to GitHub.
 */
import { randomUUID } from 'node:crypto';
import type { Octokit } from '@octokit/rest';

export interface ClientOptions {
  token: string;
  env: NodeJS.ProcessEnv;
  fetch?: typeof fetch;
  signal?: AbortSignal;
  progress?: (message: string) => void;
}

const RATE_LIMIT_RETRIES = 2;
/** One request may not hang a job. */
const REQUEST_TIMEOUT_MILLISECONDS = 60_000;

/** A client for github.com or, by `GITHUB_API_URL`, for an Enterprise server. */
export async function createClient(options: ClientOptions): Promise<Octokit> {
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import('@octokit/rest'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const progress = options.progress ?? (() => {});
  const onLimit =
    (kind: string) =>
    (retryAfter: number, request: { method: string; url: string }, _octokit: unknown, retryCount: number) => {
      progress(
        `GitHub's ${kind} limit is reached (${request.method} ${request.url}); waiting ${retryAfter} s`,
      );
      return retryCount < RATE_LIMIT_RETRIES;
    };
  const send = options.fetch ?? fetch;
  const fetchWithin: typeof fetch = async (input, init) => {
    const signals = [AbortSignal.timeout(REQUEST_TIMEOUT_MILLISECONDS), init?.signal, options.signal];
    try {
      return await send(input, {
        ...init,
        signal: AbortSignal.any(signals.filter((signal) => signal instanceof AbortSignal)),
      });
    } catch (error) {
      // Octokit takes only this name for a cancellation; any other error it would try again for 14 seconds.
      if (options.signal?.aborted) throw new DOMException('The run was cancelled.', 'AbortError');
      throw error;
    }
  };
  const Client = Octokit.plugin(retry, throttling);
  return new Client({
    auth: options.token,
    baseUrl: (options.env.GITHUB_API_URL || 'https://api.github.com').replace(/\/+$/, ''),
    userAgent: 'mlops-actions',
    request: { fetch: fetchWithin },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    // Requests of one client wait for each other, not for those of another.
    throttle: {
      id: randomUUID(),
      onRateLimit: onLimit('rate'),
      onSecondaryRateLimit: onLimit('secondary rate'),
    },
  });
}

/** The HTTP status of a refused request, or undefined when the error is of another kind. */
export function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

/** Whether the token may not do this: GitHub answers 403, or 404 to hide what the token may not see. */
export function isDenied(error: unknown): boolean {
  const status = httpStatus(error);
  return (
    status === 401 || status === 403 || (status === 404 && /resource not accessible/i.test(String(error)))
  );
}

/** One line about a failed request, without headers, tokens or bodies. */
export function describeFailure(error: unknown): string {
  const status = httpStatus(error);
  const message = error instanceof Error ? error.message : String(error);
  const firstLine = message
    .split(/[\r\n]/, 1)[0]!
    .replace(/ - https?:\/\/\S+$/, '')
    .slice(0, 200);
  return status === undefined ? firstLine : `${firstLine} (HTTP ${status})`;
}

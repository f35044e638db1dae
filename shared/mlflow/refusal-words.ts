/** The words of a refusal: what the server said, and how to mend it. */
import { isSigned } from './account.ts';

/** What a server says of its refusal, without the secrets that it may repeat; empty where it says nothing. */
export function saidIn(text: string, secrets: readonly string[]): { message: string; code: string } {
  try {
    const { message, error_code: code } = JSON.parse(text) as { message?: unknown; error_code?: unknown };
    const clean = (value: unknown): string =>
      typeof value === 'string'
        ? secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), value).replace(/\s+/g, ' ')
        : '';
    return { message: clean(message).replace(/\.$/, '').slice(0, 300), code: clean(code) };
  } catch {
    return { message: '', code: '' };
  }
}

/** How to mend what a server refused with this status. */
export function fixFor(status: number, env: NodeJS.ProcessEnv): string {
  if (isSigned(env) && (status === 401 || status === 403)) {
    return "Allow execute-api:Invoke on the server's API to the role of this job, and set AWS_REGION to the API's region.";
  }
  if (isSigned(env) && status === 413) {
    return 'The API Gateway before the server takes no larger request: give artifacts: s3://….';
  }
  if (status === 401 || status === 403) {
    return 'Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, of an account that may do this.';
  }
  if (status === 404) return 'Check what is asked for and the address of the server.';
  if (status >= 300 && status < 400) return 'The server sends elsewhere: write the address that it sends to.';
  return status >= 500 || status === 429 ? 'The server is in trouble: run again later.' : '';
}

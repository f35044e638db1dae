import { UserError } from '../errors.ts';

export const ADDRESS_FORM = 'http://host:5000';

/**
 * The address of a tracking server, without a slash at its end.
 * @param key the input or environment variable that holds it.
 * @throws UserError when it is no http(s) URL, or holds credentials; those are not repeated.
 */
export function parseServerAddress(text: string, key: string): string {
  const url = /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.username !== '' || url.password !== '')) {
    throw new UserError('The address of an MLflow server holds no credentials.', {
      where: { key },
      fix: 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.',
    });
  }
  if (url?.search !== '' || url.hash !== '' || text.includes('@')) {
    // What is no plain address may hold a secret anywhere.
    const shown = /[@?#]/.test(text) ? '' : ` ${JSON.stringify(text)}`;
    throw new UserError(`The address${shown} is not that of an MLflow server.`, {
      where: { key },
      fix: `Write ${ADDRESS_FORM}; credentials belong into MLFLOW_TRACKING_TOKEN and its like.`,
    });
  }
  return text.replace(/\/+$/, '');
}

/** @throws UserError when MLFLOW_TRACKING_URI names no server that can be asked over http(s). */
export function serverOfEnvironment(env: NodeJS.ProcessEnv): string {
  const text = env.MLFLOW_TRACKING_URI ?? '';
  if (/^https?:/.test(text)) return parseServerAddress(text, 'MLFLOW_TRACKING_URI');
  throw new UserError('The environment names no MLflow server.', {
    where: { key: 'MLFLOW_TRACKING_URI' },
    fix: `Set MLFLOW_TRACKING_URI to http://… or https://…, or write mlflow:${ADDRESS_FORM}.`,
  });
}

/**
 * Of a call. Its query is encoded as RFC 3986 says, of which AWS's signatures are made.
 * @param path below the server's address, each part encoded.
 */
export function addressOf(server: string, path: string, query: Record<string, string> = {}): URL {
  const url = new URL(`${server}${path}`);
  url.search = Object.entries(query)
    .map(([key, value]) => `${encoded(key)}=${encoded(value)}`)
    .join('&');
  return url;
}

function encoded(text: string): string {
  const hex = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/** Which server of Prometheus is asked, and who asks. */
import { UserError } from '../errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const ACCOUNT_VARIABLES = ['PROMETHEUS_TOKEN', 'PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD'] as const;

/**
 * The address of a server, without a slash at its end; a path before `/api/v1` is kept.
 * @throws UserError when it is no http(s) URL, or holds what may be a secret; that is not repeated.
 */
export function parsePrometheusAddress(text: string): string {
  const url = /^https?:\/\/\S+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url && url.search === '' && url.hash === '' && !text.includes('@')) return text.replace(/\/+$/, '');
  const shown = /[@?#]/.test(text) ? '' : ` ${JSON.stringify(text.slice(0, 100))}`;
  throw new UserError(`The address${shown} is not that of a Prometheus server.`, {
    fix: 'Write http://host:9090; an account belongs into PROMETHEUS_TOKEN, or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD.',
  });
}

/** The headers that say who asks, and every form in which a server that repeats them would show the secret. */
export function prometheusAccount(
  server: string,
  env: NodeJS.ProcessEnv,
): { headers: Record<string, string>; secrets: string[] } {
  const [token, user, password] = ACCOUNT_VARIABLES.map((variable) => env[variable]);
  if (!token && !user && !password) return { headers: {}, secrets: [] };
  if (token ? user || password : !user || !password) {
    throw new UserError('The account for Prometheus is not whole, or there are two.', {
      where: { key: token ? 'PROMETHEUS_TOKEN' : 'PROMETHEUS_USERNAME' },
      fix: 'Set PROMETHEUS_TOKEN alone, or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD.',
    });
  }
  const { protocol, hostname } = new URL(server);
  if (protocol !== 'https:' && !LOOPBACK.test(hostname)) {
    throw new UserError(`The account for ${server} would be sent in clear text.`, {
      fix: 'Use https, or take the account away where the server asks for none.',
    });
  }
  if (token) return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
  const sent = Buffer.from(`${user}:${password}`).toString('base64');
  return { headers: { authorization: `Basic ${sent}` }, secrets: [sent, password!] };
}

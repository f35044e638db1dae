/** Which server of Prometheus is asked, and who asks. */
import { UserError } from '../errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const ACCOUNT_VARIABLES = ['PROMETHEUS_TOKEN', 'PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD'] as const;
/** Amazon's own servers: their region is in their name. */
const AMAZON = /^aps-workspaces\.([a-z0-9-]+)\./;
/** A tenant's name, or several in one query: what Mimir, Loki and Cortex let pass. */
const TENANT = /^[\w!.*'()|-]{1,500}$/;

export interface PrometheusAccount {
  headers: Record<string, string>;
  /** Every form in which a server that repeats what it was sent would show a secret. */
  secrets: string[];
  /** Whether each request is signed for AWS, and for which region; that of the environment where none is named. */
  signed: { region: string | undefined } | undefined;
}

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

/**
 * Who asks, by the environment: a token, a user and a password, or with PROMETHEUS_AWS_SIGV4=true the credentials of AWS;
 * and with PROMETHEUS_TENANT for whom.
 * @throws UserError when that is not whole, is there twice, or would be sent in clear text.
 */
export function prometheusAccount(server: string, env: NodeJS.ProcessEnv): PrometheusAccount {
  const tenant = tenantHeader(env.PROMETHEUS_TENANT);
  const [token, user, password] = ACCOUNT_VARIABLES.map((variable) => env[variable]);
  const isSigned = isOn('PROMETHEUS_AWS_SIGV4', env);
  const { protocol, hostname } = new URL(server);
  if (!token && !user && !password && !isSigned) return { headers: tenant, secrets: [], signed: undefined };
  if (token || isSigned ? user || password || (token && isSigned) : !user || !password) {
    throw new UserError('The account for Prometheus is not whole, or there are two.', {
      where: { key: isSigned ? 'PROMETHEUS_AWS_SIGV4' : token ? 'PROMETHEUS_TOKEN' : 'PROMETHEUS_USERNAME' },
      fix: 'Set PROMETHEUS_TOKEN alone, PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or PROMETHEUS_AWS_SIGV4 alone.',
    });
  }
  // A signature tells no secret key, but the session's token that goes with it is one.
  if (protocol !== 'https:' && !LOOPBACK.test(hostname)) {
    throw new UserError(`The account for ${server} would be sent in clear text.`, {
      fix: 'Use https, or take the account away where the server asks for none.',
    });
  }
  if (isSigned) {
    const secrets = env.AWS_SESSION_TOKEN ? [env.AWS_SESSION_TOKEN] : [];
    return { headers: tenant, secrets, signed: { region: AMAZON.exec(hostname)?.[1] } };
  }
  const sent = token || Buffer.from(`${user}:${password}`).toString('base64');
  const headers = { ...tenant, authorization: `${token ? 'Bearer' : 'Basic'} ${sent}` };
  return { headers, secrets: token ? [token] : [sent, password!], signed: undefined };
}

function tenantHeader(tenant: string | undefined): Record<string, string> {
  if (!tenant) return {};
  if (TENANT.test(tenant)) return { 'x-scope-orgid': tenant };
  throw new UserError('PROMETHEUS_TENANT is no name of a tenant.', {
    where: { key: 'PROMETHEUS_TENANT' },
    fix: "Write letters, digits and !-_.*'(), and | between several tenants.",
  });
}

function isOn(variable: string, env: NodeJS.ProcessEnv): boolean {
  const text = (env[variable] ?? '').toLowerCase();
  if (['true', '1'].includes(text)) return true;
  if (['', 'false', '0'].includes(text)) return false;
  throw new UserError(`${variable} is neither true nor false.`, {
    where: { key: variable },
    fix: 'Write true, or take it away.',
  });
}

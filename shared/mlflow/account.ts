/** Who asks an MLflow server, by the variables that MLflow's own client reads. */
import { UserError } from '../errors.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The headers that say who asks. */
export function authorization(env: NodeJS.ProcessEnv): Record<string, string> {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
  } = env;
  if (user && password) {
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** In every form in which a server that repeats what it was sent would show them. */
export function secretsOf(env: NodeJS.ProcessEnv): string[] {
  const sent = authorization(env).authorization?.split(' ').at(-1);
  return [sent, env.MLFLOW_TRACKING_TOKEN, env.MLFLOW_TRACKING_PASSWORD].flatMap((text) => text || []);
}

/** Whether a switch of MLflow's environment is on. */
export function isOn(value: string | undefined): boolean {
  return /^(true|1)$/i.test(value ?? '');
}

/** Whether requests are signed for AWS; as with MLflow's own client a token or password is not sent then. */
export function isSigned(env: NodeJS.ProcessEnv): boolean {
  return isOn(env.MLFLOW_TRACKING_AWS_SIGV4);
}

/** Whether requests tell who asks. */
export function hasAccount(env: NodeJS.ProcessEnv): boolean {
  // A signature tells no secret key; the session's token that goes with it is one, and it can be sent again.
  return isSigned(env) || 'authorization' in authorization(env);
}

/**
 * @throws UserError when an account would go to another machine in clear text, unless
 * MLFLOW_TRACKING_INSECURE_TLS says that this connection needs no protection; or when the account is of a kind
 * that only MLflow's plugins for Python know.
 */
export function checkAccount(server: string, env: NodeJS.ProcessEnv): void {
  if (env.MLFLOW_TRACKING_AUTH) {
    throw new UserError(
      'MLFLOW_TRACKING_AUTH names a plugin of MLflow for Python, which cannot be used here.',
      {
        where: { key: 'MLFLOW_TRACKING_AUTH' },
        fix: 'Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
      },
    );
  }
  const url = new URL(server);
  if (!hasAccount(env) || url.protocol === 'https:' || LOOPBACK.test(url.hostname)) return;
  if (isOn(env.MLFLOW_TRACKING_INSECURE_TLS)) return;
  throw new UserError(`The account for ${server} would be sent in clear text.`, {
    fix: 'Use https, or set MLFLOW_TRACKING_INSECURE_TLS=true where the network between is your own.',
  });
}

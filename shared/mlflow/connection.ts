/** One connection to an MLflow server: whom it trusts, whom it shows itself as, and which proxy it takes. */
import { readFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { UserError } from '../errors.ts';
import { knownAuthorities } from '../http/send.ts';
import { isOn } from './account.ts';

/** Reads the certificates that the environment names. @throws UserError for one that cannot be read. */
export async function makeAgent(protocol: string, env: NodeJS.ProcessEnv): Promise<Agent> {
  const isTls = protocol === 'https:';
  const http = isTls ? await import('node:https') : await import('node:http');
  return new http.Agent({ keepAlive: true, proxyEnv: env, ...(isTls ? await certificates(env) : {}) });
}

async function certificates(env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const own = await readCertificate('MLFLOW_TRACKING_CLIENT_CERT_PATH', env);
  // As MLflow's client takes it: one file with the certificate and its key.
  const shown = own ? { cert: own, key: own } : {};
  if (isOn(env.MLFLOW_TRACKING_INSECURE_TLS)) return { rejectUnauthorized: false, ...shown };
  const known = await knownAuthorities();
  const authority = await readCertificate('MLFLOW_TRACKING_SERVER_CERT_PATH', env);
  return { ca: authority ? [...known, authority] : known, ...shown };
}

async function readCertificate(key: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = env[key];
  if (!path) return undefined;
  return readFile(path, 'utf8').catch((cause) => {
    throw new UserError(`The certificate ${path} cannot be read.`, {
      where: { file: path, key },
      fix: 'Check the path.',
      cause,
    });
  });
}

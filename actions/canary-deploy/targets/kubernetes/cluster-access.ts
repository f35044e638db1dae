/** Where the API server is and who asks: from the kubeconfig of the environment, or the service account of the pod. */
import { access, readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { UserError } from '../../../../shared/errors.ts';
import { prepareExecPlugin } from './credentials.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ClusterAccess {
  config: KubeConfig;
  /** Of the context; `default` when it names none. */
  namespace: string;
}

/**
 * @param context name of one in the kubeconfig; its current one when left out.
 * @param mask is told every secret that is read.
 * @param account the folder of the pod's service account.
 * @throws UserError when nothing says where the cluster is.
 */
export async function findCluster(
  env: NodeJS.ProcessEnv,
  context: string | undefined,
  mask: (secret: string) => void,
  account = ACCOUNT,
): Promise<ClusterAccess> {
  const { KubeConfig: Config } = await import('./official-client.ts');
  const config = new Config();
  const files = await kubeconfigs(env);
  if (files.length > 0) {
    for (const [index, file] of files.entries()) {
      const part = index === 0 ? config : new Config();
      await load(part, file);
      if (index > 0) config.mergeConfig(part, true);
    }
  } else if (env.KUBERNETES_SERVICE_HOST && (await exists(`${account}/token`))) {
    await loadServiceAccount(config, env, account);
  } else {
    throw new UserError('Nothing says where the Kubernetes cluster is.', {
      where: { key: 'target' },
      fix: 'Set KUBECONFIG to the path of a kubeconfig in an earlier step, or run in a pod that has a service account.',
    });
  }
  if (context !== undefined) useContext(config, context);
  const chosen = config.getContextObject(config.getCurrentContext());
  if (!chosen || !config.getCurrentCluster()) {
    throw new UserError('The kubeconfig has no current context with a cluster.', {
      where: { key: 'kubernetes-context' },
      fix: `Give kubernetes-context: one of ${namesOf(config)}.`,
    });
  }
  for (const secret of secretsOf(config)) mask(secret);
  prepareExecPlugin(config);
  return { config, namespace: chosen.namespace || 'default' };
}

async function kubeconfigs(env: NodeJS.ProcessEnv): Promise<string[]> {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  if (named.length > 0) return named;
  const home = env.HOME ?? env.USERPROFILE;
  const usual = home && join(home, '.kube', 'config');
  return usual && (await exists(usual)) ? [usual] : [];
}

/** What the parser says of a broken file may quote a secret, so it is not passed on. */
async function load(config: KubeConfig, file: string): Promise<void> {
  try {
    config.loadFromFile(file);
    readTokenFiles(config, parse(await readFile(file, 'utf8')), dirname(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`The kubeconfig ${file} cannot be read${code ? ` (${code})` : ''}.`, {
      where: { file },
      fix: 'Check that KUBECONFIG names a file as "kubectl config view --raw" prints it.',
    });
  }
}

interface Kubeconfig {
  users?: { name: string; user?: { tokenFile?: string } }[] | null;
}

/** The client passes over a user's `tokenFile`, and knows such files by another name. It reads them again each minute. */
function readTokenFiles(config: KubeConfig, { users }: Kubeconfig, folder: string): void {
  const files = new Map(users?.map(({ name, user }) => [name, user?.tokenFile]));
  config.users = config.getUsers().map((user) => {
    const file = files.get(user.name);
    // As kubectl: the file rather than a token beside it.
    return file === undefined
      ? user
      : { ...withoutToken(user), authProvider: tokenFile(resolve(folder, file)) };
  });
}

const withoutToken = ({ token: _, ...user }: User): User => user;
const tokenFile = (file: string) => ({ name: 'tokenFile', config: { tokenFile: file } });

async function loadServiceAccount(
  config: KubeConfig,
  env: NodeJS.ProcessEnv,
  account: string,
): Promise<void> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = env;
  const namespace = await readFile(`${account}/namespace`, 'utf8').catch(() => '');
  const name = 'in-cluster';
  config.loadFromOptions({
    clusters: [
      {
        name,
        server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
        caFile: `${account}/ca.crt`,
        skipTLSVerify: false,
      },
    ],
    // The kubelet writes a new token every hour; the client reads it again.
    users: [{ name, authProvider: tokenFile(`${account}/token`) }],
    contexts: [{ name, cluster: name, user: name, ...(namespace && { namespace: namespace.trim() }) }],
    currentContext: name,
  });
}

function useContext(config: KubeConfig, context: string): void {
  if (!config.getContextObject(context)) {
    throw new UserError(`The kubeconfig has no context ${context}.`, {
      where: { key: 'kubernetes-context' },
      fix: `It has ${namesOf(config)}.`,
    });
  }
  config.setCurrentContext(context);
}

const namesOf = (config: KubeConfig): string =>
  config
    .getContexts()
    .map(({ name }) => name)
    .join(', ') || 'none';

function secretsOf(config: KubeConfig): string[] {
  const secrets = config.getUsers().flatMap(({ token, password, keyData }) => [token, password, keyData]);
  return secrets.filter((secret): secret is string => typeof secret === 'string' && secret !== '');
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

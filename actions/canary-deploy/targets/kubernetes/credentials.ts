/** What the kubeconfig's user needs beyond the official client, and what it means when there are no credentials. */
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { UserError } from '../../../../shared/errors.ts';
import { Failure } from './api-failure.ts';

/** Of an exec plugin, as a kubeconfig has it. */
interface ExecPlugin {
  apiVersion?: string;
  command?: string;
  env?: { name: string; value: string }[] | null;
  provideClusterInfo?: boolean;
  interactiveMode?: string;
}

const FIX =
  'Run the command in a step before, on this runner, and see that it prints an ExecCredential; or give a kubeconfig with a token.';

/**
 * Tells the exec plugin of the chosen user what kubectl tells it: that nobody is there to type, and of which cluster it
 * is asked. @throws UserError for a plugin that wants somebody there, or none that can be run.
 */
export function prepareExecPlugin(config: KubeConfig): void {
  const user = config.getCurrentUser();
  const plugin = pluginOf(user);
  if (!user || !plugin) return;
  if (!plugin.command) {
    throw new UserError(`The exec plugin of the user ${user.name} has no command.`, {
      where: { key: 'kubernetes-context' },
      fix: 'Give users[].user.exec.command in the kubeconfig.',
    });
  }
  if (plugin.interactiveMode === 'Always') {
    throw new UserError(
      `The exec plugin ${plugin.command} of the user ${user.name} wants somebody to type.`,
      {
        where: { key: 'kubernetes-context' },
        fix: 'Use a plugin, or a way of logging in with it, that needs nobody: interactiveMode Never or IfAvailable.',
      },
    );
  }
  const cluster = plugin.provideClusterInfo ? describeCluster(config.getCurrentCluster()) : undefined;
  const told = {
    ...{ apiVersion: plugin.apiVersion, kind: 'ExecCredential' },
    spec: { interactive: false, ...(cluster && { cluster }) },
  };
  plugin.env = [...(plugin.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(told) }];
}

/** Whether a program prints what the chosen user is known by. */
export const hasExecPlugin = (config: KubeConfig): boolean => pluginOf(config.getCurrentUser()) !== undefined;

/** There were no credentials to ask with. */
export class CredentialsFailure extends Failure {}

/** @param error of the client, whose message may hold a secret: only its code is told. */
export function credentialsFailure(config: KubeConfig, error: unknown): CredentialsFailure {
  const { code, name, syscall = '' } = error as { code?: unknown; name?: string; syscall?: string };
  const why = typeof code === 'string' ? ` (${code})` : '';
  const user = config.getCurrentUser();
  const plugin = pluginOf(user);
  const key = 'kubernetes-context';
  const isOfFile = why !== '' && !syscall.startsWith('spawn');
  if (!plugin || isOfFile) {
    return new CredentialsFailure(`The credentials of the user ${user?.name ?? ''} could not be had${why}.`, {
      ...{ key, fix: 'Check that the files which the kubeconfig names are there and whole.', passes: false },
    });
  }
  let what = 'failed; what it said may hold a secret and is not shown';
  if (why) what = `could not be run${why}`;
  else if (name === 'TimeoutError') what = 'printed nothing in time';
  else if (error instanceof SyntaxError) what = 'printed no JSON';
  else if (error instanceof TypeError) what = 'printed no ExecCredential with a status';
  return new CredentialsFailure(`The exec plugin ${plugin.command} of the user ${user?.name} ${what}.`, {
    ...{ key, fix: FIX, passes: why === '' && !(error instanceof TypeError) },
  });
}

const pluginOf = (user: User | null): ExecPlugin | undefined =>
  (user?.exec as ExecPlugin | null | undefined) ?? undefined;

/** As `spec.cluster` of an ExecCredential. */
function describeCluster(cluster: Cluster | null): object | undefined {
  if (!cluster) return undefined;
  const { server, tlsServerName, skipTLSVerify, caData, proxyUrl } = cluster;
  return {
    server,
    ...(tlsServerName && { 'tls-server-name': tlsServerName }),
    ...(skipTLSVerify && { 'insecure-skip-tls-verify': true }),
    ...(caData && { 'certificate-authority-data': caData }),
    ...(proxyUrl && { 'proxy-url': proxyUrl }),
  };
}

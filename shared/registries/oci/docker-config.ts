import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import type { Credentials } from './authentication.ts';
import { askHelper } from './credential-helper.ts';

/**
 * Where credentials for a registry come from: Docker's configuration file with its helpers, then the files of podman,
 * skopeo and buildah, then the GitHub token.
 */

const configSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
type DockerConfig = z.infer<typeof configSchema>;

/** One repository of a host (with its port). */
export interface Repository {
  host: string;
  repository: string;
}

/**
 * Finds the credentials for a repository.
 * @returns undefined when none are known: then the registry is asked without.
 * @throws UserError when a configuration cannot be read or its helper fails; the text holds no secret.
 */
export async function findCredentials(
  wanted: Repository,
  { env, githubToken }: { env: NodeJS.ProcessEnv; githubToken?: string },
): Promise<Credentials | undefined> {
  for (const path of configFiles(env)) {
    const config = await readConfig(path);
    const found = config && (await credentialsFromConfig(config, wanted, env));
    if (found) return found;
  }
  if (wanted.host === 'ghcr.io' && githubToken) {
    return { username: env.GITHUB_ACTOR || 'x-access-token', password: githubToken };
  }
  return undefined;
}

function configFiles(env: NodeJS.ProcessEnv): string[] {
  const home = env.HOME || env.USERPROFILE || homedir();
  return [
    join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    ...(env.REGISTRY_AUTH_FILE ? [env.REGISTRY_AUTH_FILE] : []),
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'containers/auth.json')] : []),
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
  ];
}

async function readConfig(path: string): Promise<DockerConfig | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UserError(`Docker's configuration ${path} cannot be read (${error.code}).`, {
      where: { file: path },
    });
  });
  if (text === undefined) return undefined;
  try {
    return configSchema.parse(JSON.parse(text));
  } catch {
    // Without the cause: a parser's message quotes what it read, and this file holds passwords.
    throw new UserError(`Docker's configuration ${path} is not valid.`, {
      where: { file: path },
      fix: 'Write it anew with docker login.',
    });
  }
}

async function credentialsFromConfig(
  config: DockerConfig,
  wanted: Repository,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const names = [...pathNames(wanted), ...hostNames(wanted.host)];
  const ownHelper = names.map((name) => config.credHelpers?.[name]).find(Boolean);
  if (ownHelper) return askHelper(ownHelper, wanted.host, env);
  const entry = names.map((name) => config.auths?.[name]).find((found) => found && isFilled(found));
  if (entry?.identitytoken) return { identityToken: entry.identitytoken };
  if (entry?.username && entry.password !== undefined) {
    return { username: entry.username, password: entry.password };
  }
  if (entry?.auth) return decodeBasic(entry.auth);
  if (config.credsStore) {
    for (const name of hostNames(wanted.host)) {
      const found = await askHelper(config.credsStore, name, env);
      if (found) return found;
    }
  }
  return undefined;
}

/** With a credential store Docker leaves an empty entry for each host it knows. */
function isFilled(entry: NonNullable<DockerConfig['auths']>[string]): boolean {
  return Boolean(entry.identitytoken || entry.username || entry.auth);
}

/** podman keeps accounts for parts of a host too; the longest name wins. */
function pathNames({ host, repository }: Repository): string[] {
  const parts = repository.split('/');
  return parts.map((_, index) => `${host}/${parts.slice(0, parts.length - index).join('/')}`);
}

function hostNames(host: string): string[] {
  const hosts = /^(docker\.io|registry-1\.docker\.io)$/.test(host) ? ['index.docker.io', host] : [host];
  return hosts.flatMap((name) => [
    name,
    `https://${name}`,
    `https://${name}/`,
    `https://${name}/v1/`,
    `https://${name}/v2/`,
    `http://${name}`,
  ]);
}

function decodeBasic(auth: string): Credentials | undefined {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

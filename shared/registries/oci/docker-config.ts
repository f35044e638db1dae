import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../errors.ts';

/** Where credentials for a registry come from: Docker's configuration file, its helpers, then the GitHub token. */

export type Credentials = { username: string; password: string } | { identityToken: string };

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

const HELPER_TIMEOUT_MS = 30_000;

/**
 * Finds the credentials for a registry host (with its port).
 * @returns undefined when none are known: then the registry is asked without.
 * @throws UserError when Docker's configuration cannot be read or its helper fails; the text holds no secret.
 */
export async function findCredentials(
  host: string,
  env: NodeJS.ProcessEnv,
  githubToken?: string,
): Promise<Credentials | undefined> {
  const folder = env.DOCKER_CONFIG || join(env.HOME || env.USERPROFILE || homedir(), '.docker');
  const config = await readConfig(join(folder, 'config.json'));
  const found = config && (await credentialsFromConfig(config, host, env));
  if (found) return found;
  if (host === 'ghcr.io' && githubToken) {
    return { username: env.GITHUB_ACTOR || 'x-access-token', password: githubToken };
  }
  return undefined;
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
  host: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const names = configNames(host);
  const ownHelper = names.map((name) => config.credHelpers?.[name]).find(Boolean);
  if (ownHelper) return askHelper(ownHelper, host, env);
  const entry = names.map((name) => config.auths?.[name]).find(Boolean);
  if (entry?.identitytoken) return { identityToken: entry.identitytoken };
  if (entry?.username && entry.password !== undefined) {
    return { username: entry.username, password: entry.password };
  }
  if (entry?.auth) return decodeBasic(entry.auth);
  if (config.credsStore) {
    for (const name of names) {
      const found = await askHelper(config.credsStore, name, env);
      if (found) return found;
    }
  }
  return undefined;
}

function configNames(host: string): string[] {
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

const helperAnswerSchema = z.object({ Username: z.string(), Secret: z.string() });

async function askHelper(
  helper: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(helper)) {
    throw new UserError(`Docker's configuration names a credential helper that is no program's name.`);
  }
  const program = `docker-credential-${helper}`;
  const { code, output } = await runHelper(program, server, env);
  if (code !== 0) {
    if (/not found|not exist|no credentials/i.test(output)) return undefined;
    throw new UserError(`The credential helper ${program} failed for ${server} (exit status ${code}).`, {
      fix: `Try it by hand: echo ${server} | ${program} get`,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(output);
  } catch {
    json = undefined;
  }
  const answer = helperAnswerSchema.safeParse(json);
  if (!answer.success) throw new UserError(`The credential helper ${program} did not answer as helpers do.`);
  const { Username, Secret } = answer.data;
  return Username === '<token>' ? { identityToken: Secret } : { username: Username, password: Secret };
}

function runHelper(
  program: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: HELPER_TIMEOUT_MS,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    // A helper that ends without reading what it is asked shows in its exit status.
    child.stdin.on('error', () => undefined).end(server);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new UserError(`The credential helper ${program} could not be started (${error.code}).`, {
          fix: 'Install it, or take it out of Docker’s configuration.',
        }),
      );
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

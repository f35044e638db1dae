import { spawn } from 'node:child_process';
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import type { Credentials } from './authentication.ts';

/** Programs `docker-credential-<name>`: the keychain of a system, or that of a cloud (`ecr-login`, `gcloud`). */

const HELPER_TIMEOUT_MS = 30_000;

const helperAnswerSchema = z.object({ Username: z.string(), Secret: z.string() });

/**
 * Asks a credential helper for a server's account.
 * @returns undefined when it knows none.
 * @throws UserError when it fails or is not there; the text holds no secret.
 */
export async function askHelper(
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

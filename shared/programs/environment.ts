import { delimiter, dirname } from 'node:path';

/** Variables of the runner that belong to the action and not to a program that it runs. */
const OF_THE_ACTION = [
  /^INPUT_/,
  /^STATE_/,
  // Files by which a step speaks to the runner: what the user's program prints or writes must not become
  // outputs or state of the action.
  /^GITHUB_(OUTPUT|STATE|ENV|PATH|STEP_SUMMARY)$/,
  // Credentials that the runner gives to actions but never to `run:` steps.
  /^ACTIONS_(RUNTIME_TOKEN|RUNTIME_URL|RESULTS_URL|CACHE_URL|CACHE_SERVICE_V2)$/,
];

/**
 * The environment of a user's program: that of this process without what belongs to the action alone (its
 * inputs with the token, its outputs, the runner's own credentials), with the Python environment `bin` first on
 * the PATH, and with `variables` (undefined removes).
 */
export function programEnvironment(
  env: NodeJS.ProcessEnv,
  variables: Record<string, string | undefined>,
  bin?: string,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !OF_THE_ACTION.some((pattern) => pattern.test(name)));
  const result: NodeJS.ProcessEnv = Object.fromEntries(kept);
  // Python keeps its output back when it goes to a pipe, so that nothing would be seen until the end.
  result.PYTHONUNBUFFERED ??= '1';
  if (bin) {
    result.PATH = [bin, env.PATH].filter(Boolean).join(delimiter);
    result.VIRTUAL_ENV = dirname(bin);
    delete result.PYTHONHOME;
  }
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete result[name];
    else result[name] = value;
  }
  return result;
}

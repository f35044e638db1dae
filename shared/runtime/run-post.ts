/** The `post` of an action: tidies up what its `main` left behind. A failure here is a warning: the verdict stands. */
import * as core from '@actions/core';
import { cancellationSignal } from './cancellation.ts';
import { describeError } from './conduct.ts';
import type { ActionDefinition } from './definition.ts';
import { prepareDeps } from './deps.ts';
import { readInputs } from './inputs.ts';
import { surviveLostReaders } from './lost-readers.ts';
import { runnerLog } from './runner-log.ts';
import { readState, STATE_KEY } from './state.ts';

/** Runs a definition's `post` with the state that its `main` saved, if it saved any. */
export async function runPost(definition: ActionDefinition): Promise<void> {
  surviveLostReaders();
  const log = runnerLog(process.env.GITHUB_WORKSPACE || process.cwd());
  try {
    const state = readState(definition.state, core.getState(STATE_KEY));
    if (state === undefined || !definition.post) return;
    const inputs = readInputs(
      definition.inputs,
      (name) => process.env[`INPUT_${name.toUpperCase()}`],
      definition.operations,
    );
    const { deps, dispose } = await prepareDeps(inputs, {
      log,
      env: process.env,
      signal: cancellationSignal(),
      now: () => new Date(),
      saveState: () => undefined,
    });
    try {
      await definition.post(state, deps);
    } finally {
      await dispose();
    }
  } catch (error) {
    log.warning(`Tidying up failed: ${describeError(error)}`);
  }
}

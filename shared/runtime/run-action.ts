/** The runner's side of an action: inputs from `INPUT_*`, outputs, state and summary into GitHub's files. */
import { appendFile } from 'node:fs/promises';
import * as core from '@actions/core';
import { cancellationSignal } from './cancellation.ts';
import { conduct } from './conduct.ts';
import type { ActionDefinition } from './definition.ts';
import { surviveLostReaders } from './lost-readers.ts';
import { runnerLog } from './runner-log.ts';
import { STATE_KEY, writeState } from './state.ts';

/** GitHub drops a larger step summary whole. */
const SUMMARY_LIMIT_BYTES = 1024 * 1024;

/** Runs a definition as the `main` of an action and sets the exit code of the process. */
export async function runAction(definition: ActionDefinition): Promise<void> {
  surviveLostReaders();
  const log = runnerLog(process.env.GITHUB_WORKSPACE || process.cwd());
  const outcome = await conduct(definition, {
    log,
    env: process.env,
    signal: cancellationSignal(),
    now: () => new Date(),
    input: (name) => process.env[`INPUT_${name.toUpperCase()}`],
    output: (name, value) => core.setOutput(name, value),
    saveState: (state) => core.saveState(STATE_KEY, writeState(definition.state, state)),
    summary: async (markdown) => {
      const file = process.env.GITHUB_STEP_SUMMARY;
      if (!file) return;
      if (Buffer.byteLength(markdown) > SUMMARY_LIMIT_BYTES) {
        log.warning(
          'The report is too long for the step summary; it is in the file that the output "report" names.',
        );
        return;
      }
      await appendFile(file, `${markdown}\n`);
    },
  });
  // Set and not called: standard output may still be on its way through a pipe.
  process.exitCode = outcome.exitCode;
}

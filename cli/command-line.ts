/** One call of the command line, from its words to its exit code. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeUserError, UserError } from '../shared/errors.ts';
import { writeFileAtomically } from '../shared/records/folder.ts';
import { cancellationSignal } from '../shared/runtime/cancellation.ts';
import { conduct } from '../shared/runtime/conduct.ts';
import { inputName, unknownInput } from '../shared/runtime/inputs.ts';
import { surviveLostReaders } from '../shared/runtime/lost-readers.ts';
import { terminalLog } from '../shared/runtime/terminal-log.ts';
import { loadDefinition } from './definitions.ts';
import { helpOf, overview, version } from './help.ts';
import { type CommandLineOptions, parseOptions } from './options.ts';

/** Progress goes to standard error, the report (or record) to standard output. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  surviveLostReaders();
  try {
    const options = parseOptions(words);
    if (options.version) return print(`${await version()}\n`);
    if (!options.action) {
      if (options.help) return print(overview());
      process.stderr.write(overview());
      return 2;
    }
    if (options.help) return print(await helpOf(options.action));
    return await runOne(
      options as CommandLineOptions & { action: NonNullable<CommandLineOptions['action']> },
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`error: ${describeUserError(error)}\n`);
    return 2;
  }
}

async function runOne(options: CommandLineOptions & { action: NonNullable<CommandLineOptions['action']> }) {
  const definition = await loadDefinition(options.action);
  const known = Object.keys(definition.inputs.shape).map(inputName);
  for (const name of options.inputs.keys()) {
    if (!known.includes(name)) throw unknownInput(definition.inputs, name);
  }
  const recordCopy = options.record && resolve(options.record);
  const log = terminalLog(process.stderr, { debug: process.env.RUNNER_DEBUG === '1' });
  const outcome = await conduct(definition, {
    log,
    env: process.env,
    signal: cancellationSignal(),
    now: () => new Date(),
    input: (name) => options.inputs.get(name),
    output: (name, value) => log.info(`${name}: ${value}`),
    // There is no later step: what outlives this call (servers, checkpoints) is meant to.
    saveState: () => undefined,
    summary: async () => undefined,
  });
  if (outcome.recordPath) {
    const record = await readFile(outcome.recordPath, 'utf8');
    if (recordCopy) await writeFileAtomically(recordCopy, record);
    print(options.format === 'json' ? record : (outcome.markdown ?? ''));
  }
  return outcome.exitCode;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

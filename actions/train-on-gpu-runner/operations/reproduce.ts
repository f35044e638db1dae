/** `operation: reproduce`: prints the script that does a training again. */
import { join, resolve } from 'node:path';
import project from '../../../package.json' with { type: 'json' };
import { writeFileAtomically } from '../../../shared/records/folder.ts';
import type { ActionResult, Deps } from '../../../shared/runtime/definition.ts';
import type { Given } from '../inputs.ts';
import { readRun } from '../reproducibility/read-run.ts';
import { reproduceText } from '../reproducibility/reproduce-text.ts';
import type { RunState } from '../state.ts';

/** How the command line of this project is called: in the version that writes the script. */
const TOOL = ['npx', '--yes', `mlops-actions@${project.version}`];

/** Writes the script beside the record, and shows it. @throws UserError when there is no such record. */
export async function reproduce(given: Given, deps: Deps<RunState>): Promise<ActionResult> {
  const { record, folder } = await readRun(given.record, deps.records);
  const options = { records: resolve(folder), dataFrom: process.cwd(), tool: TOOL };
  const text = reproduceText(record, options);
  const script = join(folder, `reproduce-${record.subject.digest.slice('sha256:'.length, 19)}.sh`);
  await writeFileAtomically(script, text);
  deps.log.info(text);
  deps.log.info(`The script is ${script}: run it with bash.`);
  return { record, outputs: { script: resolve(script) } };
}

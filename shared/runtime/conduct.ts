/**
 * One run of one action, wherever it happens: read inputs, run, write the record, report, judge the exit. The
 * runner and the command line differ only in the `Surroundings` that they pass in.
 */
import { resolve } from 'node:path';
import { describeUserError, UserError } from '../errors.ts';
import type { Verdict } from '../records/envelope.ts';
import type { AnyRecord } from '../records/kinds.ts';
import { sectionOfBrokenRun } from './broken-run.ts';
import { cancellation, wasCancelled } from './cancellation.ts';
import type { ActionDefinition, Log } from './definition.ts';
import { type Edge, prepareDeps } from './deps.ts';
import { type CommonInputs, readCommonInputs, readInputs } from './inputs.ts';
import { useProxyOf } from './proxy.ts';
import { publishBrokenRun, publishReport } from './publish-report.ts';

export interface Surroundings extends Edge {
  /** The text of an input by its name in action.yml. */
  input(name: string): string | undefined;
  output(name: string, value: string): void;
  summary(markdown: string): Promise<void>;
}

export interface Outcome {
  /** 0; 1 when the verdict is one of `fail-on`; 2 when the tool, its input or a remote system broke. */
  exitCode: 0 | 1 | 2;
  verdict: Verdict;
  /** Absent when the run broke before it could judge. */
  record?: AnyRecord;
  recordPath?: string;
  markdown?: string;
}

/** Runs an action to its end. Never throws: what breaks is logged and becomes exit code 2. */
export async function conduct(definition: ActionDefinition, surroundings: Surroundings): Promise<Outcome> {
  const { output, summary } = surroundings;
  let underWay: string | undefined;
  const log: Log = {
    ...surroundings.log,
    group: async (title, work) => {
      underWay = title;
      const result = await surroundings.log.group(title, work);
      underWay = undefined;
      return result;
    },
  };
  let dispose: (() => Promise<void>) | undefined;
  try {
    const inputs = readInputs(definition.inputs, surroundings.input, definition.operations);
    const prepared = await prepareDeps(inputs, { ...surroundings, log });
    dispose = prepared.dispose;
    const { deps } = prepared;

    const result = await definition.run(inputs, deps);
    const { record } = result;
    for (const earlier of result.alsoRecords ?? []) await deps.records.write(earlier);
    const recordPath = await deps.records.write(record);

    const section = definition.report(record);
    const { markdown, reportPath } = await publishReport({
      section,
      record,
      recordPath,
      inputs,
      deps,
      summary,
      inPullRequest: speaksInPullRequest(definition, inputs, surroundings),
    });
    const outputs = {
      ...result.outputs,
      verdict: record.verdict,
      record: resolve(recordPath),
      report: resolve(reportPath),
    };
    for (const [name, value] of Object.entries(outputs)) output(name, value);
    for (const { level, message, where } of result.annotations ?? []) log[level](message, where);
    await result.afterReport?.().catch((error) => log.warning(describeError(error)));

    log.info(`${inputs.name}: ${section.heading} (${record.verdict})`);
    log.info(`Record: ${recordPath}\nReport: ${reportPath}`);
    const exitCode = exitCodeOf(record.verdict, inputs.failOn);
    if (exitCode !== 0) log.error(record.reason);
    return { exitCode, verdict: record.verdict, record, recordPath, markdown };
  } catch (error) {
    output('verdict', 'error');
    if (wasCancelled(error, surroundings.signal)) {
      const during = underWay === undefined ? '' : ` Under way was: ${underWay}.`;
      log.error(
        `${definition.id}: ${cancellation(surroundings.signal)}${during} Nothing was judged or reported.`,
      );
    } else {
      log.error(describeError(error), error instanceof UserError ? error.where : {});
      await reportBrokenRun(definition, surroundings, error).catch((cause) =>
        log.warning(describeError(cause)),
      );
    }
    return { exitCode: 2, verdict: 'error' };
  } finally {
    await dispose?.();
  }
}

/**
 * Says in the summary and in the comment that this commit has no verdict, and why. Nothing is said where the inputs do
 * not even tell which model's comment it would be, or where the run was cancelled: a newer one may be under way.
 */
async function reportBrokenRun(
  definition: ActionDefinition,
  surroundings: Surroundings,
  error: unknown,
): Promise<void> {
  const inputs = readCommonInputs(surroundings.input);
  if (!inputs || surroundings.signal.aborted) return;
  // What breaks over the inputs breaks before this was done.
  if (inputs.githubToken) surroundings.log.mask(inputs.githubToken);
  useProxyOf(surroundings.env);
  const { readContext } = await import('../github/context.ts');
  const place = await readContext(surroundings.env);
  await publishBrokenRun(sectionOfBrokenRun(definition.id, inputs.name, error, place), inputs, {
    ...surroundings,
    inPullRequest: speaksInPullRequest(definition, inputs, surroundings),
  });
}

const speaksInPullRequest = (
  { operationsOutsidePullRequest }: ActionDefinition,
  { comment }: Pick<CommonInputs, 'comment'>,
  { input }: Pick<Surroundings, 'input'>,
): boolean => comment === 'auto' && !operationsOutsidePullRequest.includes(input('operation')?.trim() ?? '');

/** A verdict's exit code under `fail-on`. */
export function exitCodeOf(verdict: Verdict, failOn: readonly Verdict[]): 0 | 1 | 2 {
  if (verdict === 'error') return 2;
  return failOn.includes(verdict) ? 1 : 0;
}

/** A user's mistake without a stack; a bug with its stack and causes. */
export function describeError(error: unknown): string {
  if (error instanceof UserError) return describeUserError(error);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause ? `\nCaused by: ${describeError(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

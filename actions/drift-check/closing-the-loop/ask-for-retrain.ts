/** Starts the retrain that drift asks for, unless one was started within the cool-down. */
import { describeUserError, UserError } from '../../../shared/errors.ts';
import { dispatchRepository, dispatchWorkflow, RETRAIN_EVENT } from '../../../shared/github/dispatch.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { formatDuration } from '../../../shared/report/numbers.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import type { Recalled, RetrainRequest } from './memory.ts';
import type { Wanted } from './wanted.ts';

export type Asked =
  | { status: 'started'; request: RetrainRequest }
  /** `next`: from when on the next may start, ISO 8601. */
  | { status: 'held'; request: RetrainRequest; next: string }
  | { status: 'failed'; why: string };

/** GitHub takes 65,535 characters in all. */
const MOST_REASON = 10_000;

/** What the event or the workflow is told: why, and by what to find record and data. */
export function retrainPayload(record: DriftCheck, recordDigest: string): Record<string, string> {
  const { reason } = record;
  return {
    model: record.name,
    reason: reason.length > MOST_REASON ? `${reason.slice(0, MOST_REASON).toWellFormed()}…` : reason,
    record: recordDigest,
    data: record.subject.digest,
    checked_at: record.createdAt,
  };
}

/**
 * Starts the retrain and says so in the log, or holds it back. What GitHub refuses is a warning, and starts no
 * cool-down.
 */
export async function askForRetrain(
  payload: Record<string, string>,
  options: Wanted,
  recalled: Recalled,
  deps: Deps,
): Promise<Asked> {
  const { log } = deps;
  const { coolDown } = options;
  const now = deps.now();
  const { request } = recalled;
  if (request && now.getTime() < Date.parse(request.at) + coolDown) {
    const next = new Date(Date.parse(request.at) + coolDown).toISOString();
    log.notice(heldText({ request, next }));
    return { status: 'held', request, next };
  }
  if (coolDown > 0 && !recalled.known) {
    log.warning(
      `Whether a retrain was started within the cool-down of ${formatDuration(coolDown / 1000)} is not known: there is ` +
        'no drift issue to remember it, and no earlier record in the folder. Add issue to on-drift, keep the folder of ' +
        'records between runs, or set cool-down: 0.',
    );
  }
  try {
    return await start(payload, options, deps);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.warning(describeUserError(error), error.where);
    return { status: 'failed', why: error.message };
  }
}

async function start(
  payload: Record<string, string>,
  { token, workflow }: Wanted,
  { env, log, signal, now }: Deps,
): Promise<Asked> {
  const shared = { env, token, signal, progress: (message: string) => log.progress(message) };
  const started = (to: string, runUrl: string | null = null): Asked => ({
    status: 'started',
    request: { at: now().toISOString(), to, runUrl },
  });
  const refused = (why: string): Asked => {
    log.warning(why);
    return { status: 'failed', why };
  };
  if (!workflow) {
    const { warning } = await dispatchRepository({ ...shared, payload });
    if (warning) return refused(warning);
    log.info(`Sent the event ${RETRAIN_EVENT}.`);
    return started(RETRAIN_EVENT);
  }
  const { file, ref } = workflow;
  const sent = await dispatchWorkflow({ ...shared, workflow: file, ref, values: payload });
  if (sent.warning) return refused(sent.warning);
  log.info(`Started the workflow ${file} at ${sent.ref}${sent.runUrl ? `: ${sent.runUrl}` : '.'}`);
  if (sent.notTaken?.length) {
    log.info(`The workflow was not told ${sent.notTaken.join(', ')}, for which it declares no input.`);
  }
  return started(file, sent.runUrl);
}

/** `2001-07-01 05:17 UTC` */
export function instantText(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Why none was started: for the log and the issue. */
export function heldText({ request, next }: { request: RetrainRequest; next: string }): string {
  return `No retrain was started: one was at ${instantText(request.at)} (${request.to}), and the next may start after ${instantText(next)}.`;
}

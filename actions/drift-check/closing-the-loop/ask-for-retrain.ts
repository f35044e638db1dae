/** Starts the retrain that drift asks for, unless one was started within the cool-down. */
import { describeUserError, UserError } from '../../../shared/errors.ts';
import { dispatchRepository, dispatchWorkflow, RETRAIN_EVENT } from '../../../shared/github/dispatch.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { formatDuration } from '../../../shared/report/numbers.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { type Claim, claimRetrain, isWithin } from './claim.ts';
import type { Recalled, RetrainRequest } from './memory.ts';
import type { Wanted } from './wanted.ts';

export type Asked =
  /** `claimed`: all checks of the repository know of it. */
  | { status: 'started'; request: RetrainRequest; claimed: boolean }
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
  const now = deps.now();
  if (recalled.request && isWithin(recalled.request, options.coolDown, now)) {
    return held(recalled.request, options, deps);
  }
  const to = options.workflow?.file ?? RETRAIN_EVENT;
  const request: RetrainRequest = { at: now.toISOString(), to, runUrl: null };
  try {
    const claim = await claimed(payload.model!, request, options, deps);
    if (claim.status === 'held') return held(claim.request, options, deps);
    if (claim.status === 'unknown') sayUnclaimed(claim.why, options, recalled, deps);
    const asked = await start(payload, request, options, deps).catch(failure(deps));
    if (claim.status !== 'claimed') return asked;
    if (asked.status === 'failed') await withdraw(claim, deps);
    return asked.status === 'started' ? { ...asked, claimed: true } : asked;
  } catch (error) {
    return failure(deps)(error);
  }
}

/** Without a cool-down nothing holds another back, so there is nothing to claim. */
async function claimed(
  name: string,
  request: RetrainRequest,
  { token, coolDown }: Wanted,
  deps: Deps,
): Promise<Claim | { status: 'free' }> {
  if (coolDown === 0) return { status: 'free' };
  if (!token) return { status: 'unknown', why: 'There is no token.' };
  return claimRetrain(name, request, { token, coolDown }, deps);
}

function held(request: RetrainRequest, { coolDown }: Wanted, { log }: Deps): Asked {
  const next = new Date(Date.parse(request.at) + coolDown).toISOString();
  log.notice(heldText({ request, next }));
  return { status: 'held', request, next };
}

function sayUnclaimed(why: string, { coolDown }: Wanted, { known }: Recalled, { log }: Deps): void {
  if (known) {
    log.info(`Another check at this very moment could start a retrain too. ${why}`);
    return;
  }
  log.warning(
    `Whether a retrain was started within the cool-down of ${formatDuration(coolDown / 1000)} is not known. ${why} There ` +
      'is no drift issue to remember it either, and no earlier record in the folder. Add "permissions: contents: write" ' +
      'to the job, add issue to on-drift, keep the folder of records between runs, or set cool-down: 0.',
  );
}

const failure =
  ({ log }: Deps) =>
  (error: unknown): Asked => {
    if (!(error instanceof UserError)) throw error;
    log.warning(describeUserError(error), error.where);
    return { status: 'failed', why: error.message };
  };

async function withdraw({ withdraw }: Extract<Claim, { status: 'claimed' }>, { log }: Deps): Promise<void> {
  try {
    await withdraw();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.warning(`Later checks may take the retrain for started, which it was not. ${error.message}`);
  }
}

async function start(
  payload: Record<string, string>,
  request: RetrainRequest,
  { token, workflow }: Wanted,
  { env, log, signal }: Deps,
): Promise<Asked> {
  const shared = { env, token, signal, progress: (message: string) => log.progress(message) };
  const refused = (why: string): Asked => {
    log.warning(why);
    return { status: 'failed', why };
  };
  if (!workflow) {
    const { warning } = await dispatchRepository({ ...shared, payload });
    if (warning) return refused(warning);
    log.info(`Sent the event ${RETRAIN_EVENT}.`);
    return { status: 'started', request, claimed: false };
  }
  const { file, ref } = workflow;
  const sent = await dispatchWorkflow({ ...shared, workflow: file, ref, values: payload });
  if (sent.warning) return refused(sent.warning);
  log.info(`Started the workflow ${file} at ${sent.ref}${sent.runUrl ? `: ${sent.runUrl}` : '.'}`);
  if (sent.notTaken?.length) {
    log.info(`The workflow was not told ${sent.notTaken.join(', ')}, for which it declares no input.`);
  }
  return { status: 'started', request: { ...request, runUrl: sent.runUrl ?? null }, claimed: false };
}

/** `2001-07-01 05:17 UTC` */
export function instantText(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Why none was started: for the log and the issue. */
export function heldText({ request, next }: { request: RetrainRequest; next: string }): string {
  return `No retrain was started: one was at ${instantText(request.at)} (${request.to}), and the next may start after ${instantText(next)}.`;
}

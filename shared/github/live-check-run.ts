/** A check run of what is still going on: a step's summary and comment appear only when the step is over. */
import type { Octokit } from '@octokit/rest';
import type { ActionId } from '../records/envelope.ts';
import type { Markdown } from '../report/markdown.ts';
import { checkRunName, externalId } from './check-run.ts';
import { createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { findPullRequest, readContext } from './context.ts';
import { attemptId, type BegunCheckRun, concludeEarlierAttempts } from './left-check-runs.ts';
import { addWaitingCheckRun, takeWaitingCheckRun } from './waiting-check-runs.ts';

export interface LiveReport {
  title: string;
  summary: Markdown;
}

export interface LiveCheckOptions {
  action: ActionId;
  /** Of the model. */
  name: string;
  env: NodeJS.ProcessEnv;
  /** Empty or missing: there is no live check, and the report itself says why. */
  token: string | undefined;
  everyMs: number;
  /** What it shows now. */
  report: () => LiveReport;
  /** Told at most once. */
  warn: (message: string) => void;
  /** Told of the check run as soon as it is there, so that another process can conclude it when this one is killed. */
  onBegun?: (checkRun: BegunCheckRun) => void;
  signal?: AbortSignal;
  fetch?: typeof fetch;
}

export interface LiveCheck {
  /** Brings it up to date, unless nothing has changed. */
  update(): Promise<void>;
  /** Ends the updates. The report that follows in this process takes the check run over. */
  finish(): Promise<void>;
  /** Ends the updates and concludes the check run: no report will follow. */
  cancel(): Promise<void>;
}

/** GitHub's limit for the summary. */
const SUMMARY_LIMIT = 65_535;

/**
 * Makes the check run and keeps it up to date. Undefined outside a workflow, without a token, and where GitHub does
 * not allow it, which is one warning: a training never waits for GitHub and never fails of it.
 */
export async function startLiveCheck(options: LiveCheckOptions): Promise<LiveCheck | undefined> {
  const { action, name, token } = options;
  const context = await readContext(options.env);
  if (!context || !token) return undefined;
  let warned = false;
  const warn = (error: unknown) => {
    if (warned) return;
    warned = true;
    options.warn(
      isDenied(error)
        ? 'Metrics are not shown while it runs: the token lacks a permission. Add "permissions: checks: write" to the job.'
        : `Metrics are not shown while it runs: GitHub answered ${describeFailure(error)}.`,
    );
  };
  const { owner, repo, runUrl } = context;
  let client: Octokit;
  let shown = '';
  let id: number;
  const place = { owner, repo, headSha: context.headSha, externalId: externalId({ action, name }) };
  const output = () => {
    const { title, summary } = options.report();
    return { title: title.slice(0, 255), summary: cut(summary.text) };
  };
  try {
    client = await createClient({ ...options, token });
    place.headSha = (await findPullRequest(client, context))?.headSha ?? context.headSha;
    const first = output();
    const { data } = await client.rest.checks.create({
      owner,
      repo,
      head_sha: place.headSha,
      name: checkRunName({ action, name }),
      external_id: attemptId(place.externalId, options.env) ?? place.externalId,
      ...(runUrl ? { details_url: runUrl } : {}),
      status: 'in_progress',
      output: first,
    });
    shown = JSON.stringify(first);
    id = data.id;
  } catch (error) {
    if (options.signal?.aborted) return undefined;
    warn(error);
    return undefined;
  }
  addWaitingCheckRun(place, id);
  options.onBegun?.({ owner, repo, id });
  await concludeEarlierAttempts(
    client,
    { ...place, name: checkRunName({ action, name }) },
    options.env,
  ).catch((error: unknown) => {
    if (!options.signal?.aborted)
      options.warn(`The check run of an earlier attempt still says that it runs: ${describeFailure(error)}.`);
  });
  let denied = false;
  let underWay: Promise<void> = Promise.resolve();
  const send = async () => {
    const now = output();
    if (denied || JSON.stringify(now) === shown) return;
    try {
      await client.rest.checks.update({ owner, repo, check_run_id: id, output: now });
      shown = JSON.stringify(now);
    } catch (error) {
      // GitHub may be away for a while; a refusal will stay one.
      denied = isDenied(error) || httpStatus(error) === 404;
      if (!options.signal?.aborted) warn(error);
    }
  };
  const update = () => {
    underWay = underWay.then(send);
    return underWay;
  };
  const timer = setInterval(update, options.everyMs);
  timer.unref();
  const finish = async () => {
    clearInterval(timer);
    await underWay;
  };
  return {
    update,
    finish,
    cancel: async () => {
      await finish();
      if (takeWaitingCheckRun(place) === undefined) return;
      try {
        // The signal of a cancelled run is aborted already, and this is the last that it has to say.
        const last = await createClient({ ...options, token, signal: undefined });
        await last.rest.checks.update({
          owner,
          repo,
          check_run_id: id,
          status: 'completed',
          conclusion: 'cancelled',
        });
      } catch (error) {
        warn(error);
      }
    },
  };
}

function cut(text: string): string {
  if (text.length <= SUMMARY_LIMIT) return text;
  return `${text.slice(0, text.lastIndexOf('\n', SUMMARY_LIMIT - 20))}\n\n…`;
}

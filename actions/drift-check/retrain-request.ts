/** What `on-drift` asks for: one issue per model, kept up to date and closed on recovery, and the retrain event. */
import { join } from 'node:path';
import { describeUserError, UserError } from '../../shared/errors.ts';
import { dispatchRepository, RETRAIN_EVENT } from '../../shared/github/dispatch.ts';
import { syncIssue } from '../../shared/github/issue.ts';
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { writeFileAtomically } from '../../shared/records/folder.ts';
import { blocks, link, list, type Markdown, md, trustedMarkdown } from '../../shared/report/markdown.ts';
import { sectionBody } from '../../shared/report/section.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { report } from './report.ts';

export type OnDrift = 'issue' | 'dispatch';

/** Title and body of the issue, from the record alone. */
export function issueText(record: DriftCheck): { title: string; body: Markdown } {
  const title = record.retrain
    ? `${record.name}: drift asks for a retrain`
    : `${record.name}: drift has gone back, no retrain is asked for`;
  const next = record.retrain
    ? list([
        'Look at the columns and chunks below: is it the world that changed, or a job that writes the data?',
        'A fault in the data is mended at its source; a retrain would only learn it.',
        'Otherwise retrain; this issue closes when a later check asks for none.',
      ])
    : md`The newest check asks for no retrain, so this issue is closed.`;
  return {
    title,
    body: blocks(next, trustedMarkdown(sectionBody(report(record))), origin(record)),
  };
}

function origin(record: DriftCheck): Markdown {
  const run = record.source.runUrl ? md` by ${link('this run', record.source.runUrl)}` : '';
  return md`Checked ${record.createdAt.slice(0, 16).replace('T', ' ')} UTC${run}.`;
}

/** The payload of the retrain event: what a workflow needs to know, and by what to find the record. */
export function retrainPayload(record: DriftCheck, recordDigest: string): Record<string, string> {
  return {
    model: record.name,
    reason: record.reason,
    record: recordDigest,
    data: record.subject.digest,
    checked_at: record.createdAt,
  };
}

/**
 * Does what `on-drift` asks for, after the report is out. The issue is also synced when nothing is asked for, so
 * that it closes on recovery; the event is sent only when a retrain is.
 * Where there is no repository to write to, the text of the issue is left beside the record instead.
 */
export async function actOnDrift(
  record: DriftCheck,
  wanted: readonly OnDrift[],
  token: string | undefined,
  deps: Deps,
  recordDigest: string,
): Promise<void> {
  const { env, log, signal } = deps;
  const shared = { env, token, signal, progress: (message: string) => log.progress(message) };
  // One refusal must not keep the other request from being made.
  const attempt = (work: () => Promise<void>) =>
    work().catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      log.warning(describeUserError(error), error.where);
    });
  if (wanted.includes('issue')) {
    await attempt(async () => {
      const text = issueText(record);
      if (record.retrain) {
        // Written first, so that a person can read it whatever becomes of the request.
        const file = join(deps.records.path, `drift-issue-${record.createdAt.replace(/[-:]|\.\d+/g, '')}.md`);
        await writeFileAtomically(file, `# ${text.title}\n\n${text.body.text}\n`);
        log.info(`The text of the drift issue: ${file}`);
      }
      const issue = await syncIssue({
        ...shared,
        ...text,
        name: record.name,
        state: record.retrain ? 'drifting' : 'recovered',
      });
      if (issue.warning) log.warning(issue.warning);
      else if (issue.outcome !== 'none')
        log.info(`Drift issue ${issue.outcome}: ${issue.url ?? `#${issue.number}`}`);
    });
  }
  if (wanted.includes('dispatch') && record.retrain) {
    await attempt(async () => {
      const sent = await dispatchRepository({ ...shared, payload: retrainPayload(record, recordDigest) });
      if (sent.warning) log.warning(sent.warning);
      else log.info(`Sent the event ${RETRAIN_EVENT}.`);
    });
  }
}

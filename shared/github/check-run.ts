/** A section's own check run on the head commit: the place where it cannot be overwritten by another job. */
import type { Octokit } from '@octokit/rest';
import type { ActionId, Verdict } from '../records/envelope.ts';
import { renderComment } from '../report/comment.ts';
import type { ReportSection } from '../report/section.ts';
import type { GitHubContext } from './context.ts';
import { readSectionData, writeSectionData } from './section-data.ts';
import { takeWaitingCheckRun } from './waiting-check-runs.ts';

/** GitHub's limit for `output.text` and `output.summary` is 65,535 characters each. */
const OUTPUT_LIMIT = 65_535;

export interface WrittenCheckRun {
  id: number;
  url: string | undefined;
  app: { id: number; slug: string | undefined } | undefined;
}

export function checkRunName(section: Pick<ReportSection, 'action' | 'name'>): string {
  return `${section.action}: ${section.name}`;
}

export function externalId(section: Pick<ReportSection, 'action' | 'name'>): string {
  return `mlops-actions/${section.action}/${section.name}`;
}

/** Only the gate's check run can be red: the others inform, and the exit status of the step decides. */
export function conclusionOf(action: ActionId, verdict: Verdict): 'success' | 'failure' | 'neutral' {
  if (action !== 'evaluate-gate' || verdict === 'inconclusive') return 'neutral';
  return verdict === 'fail' || verdict === 'error' ? 'failure' : 'success';
}

/**
 * Writes the section as a new check run, or into the one that has shown the run while it went on; of several of one
 * name the newest counts.
 */
export async function writeCheckRun(
  client: Octokit,
  { owner, repo, runUrl }: GitHubContext,
  headSha: string,
  section: ReportSection,
): Promise<WrittenCheckRun> {
  const content = {
    external_id: externalId(section),
    ...(runUrl ? { details_url: runUrl } : {}),
    status: 'completed' as const,
    conclusion: conclusionOf(section.action, section.verdict),
    output: {
      title: section.heading.slice(0, 255) || section.verdict,
      summary: renderComment([section], { limit: OUTPUT_LIMIT, reportUrl: runUrl }),
      text: writeSectionData(section, OUTPUT_LIMIT),
    },
  };
  const live = takeWaitingCheckRun({ owner, repo, headSha, externalId: externalId(section) });
  const { data } =
    live === undefined
      ? await client.rest.checks.create({
          owner,
          repo,
          head_sha: headSha,
          name: checkRunName(section),
          ...content,
        })
      : await client.rest.checks.update({ owner, repo, check_run_id: live, ...content });
  return {
    id: data.id,
    url: data.html_url ?? undefined,
    app: data.app ? { id: data.app.id, slug: data.app.slug ?? undefined } : undefined,
  };
}

/**
 * The newest section of each action that the same app wrote for this model on this commit. The caller's own is in
 * it even while GitHub's list does not show it yet.
 */
export async function listSections(
  client: Octokit,
  { owner, repo }: GitHubContext,
  headSha: string,
  own: { checkRun: WrittenCheckRun; section: ReportSection },
): Promise<ReportSection[]> {
  const { checkRun, section } = own;
  const listed = await client.paginate(client.rest.checks.listForRef, {
    owner,
    repo,
    ref: headSha,
    per_page: 100,
  });
  const found = listed
    .filter((run) => run.id !== checkRun.id && (!checkRun.app || run.app?.id === checkRun.app.id))
    .map((run) => ({
      id: run.id,
      name: run.name,
      section: readSectionData(run.output.text ?? '', section.name)[0],
    }));
  const ownText = writeSectionData(section, OUTPUT_LIMIT);
  found.push({
    ...checkRun,
    name: checkRunName(section),
    section: readSectionData(ownText, section.name)[0],
  });
  const newest = new Map<ActionId, ReportSection>();
  for (const run of found.sort((a, b) => a.id - b.id)) {
    if (run.section && run.name === checkRunName(run.section)) newest.set(run.section.action, run.section);
  }
  return [...newest.values()];
}

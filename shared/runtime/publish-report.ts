/** A report's ways out: the file beside the record, the step summary, the page of all records, the comment. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordFolder, writeFileAtomically } from '../records/folder.ts';
import type { AnyRecord } from '../records/kinds.ts';
import { type ReportSection, renderSection } from '../report/section.ts';
import type { Deps } from './definition.ts';
import type { CommonInputs } from './inputs.ts';

export interface Publication {
  section: ReportSection;
  record: AnyRecord;
  recordPath: string;
  inputs: CommonInputs;
  deps: Deps<unknown>;
  summary(markdown: string): Promise<void>;
  /** False for what judges no change: in the pull request it would take the place of the verdict that does. */
  inPullRequest: boolean;
}

/** Publishes everywhere it can; only the file and the summary must succeed, the rest warns. */
export async function publishReport(
  publication: Publication,
): Promise<{ markdown: string; reportPath: string }> {
  const { section, recordPath, inputs, deps, summary, inPullRequest } = publication;
  const markdown = renderSection(section);
  const reportPath = recordPath.replace(/\.json$/, '.md');
  await writeFileAtomically(reportPath, markdown);
  await summary(markdown);
  await writePage(inputs.records, deps);
  if (inPullRequest) await writeComment(section, inputs, deps);
  return { markdown, reportPath };
}

/** As much of a report as a run without a record has: the summary and the section in the comment. Never throws. */
export async function publishBrokenRun(
  section: ReportSection,
  inputs: Pick<CommonInputs, 'githubToken'>,
  edge: Pick<Publication, 'summary' | 'inPullRequest'> & Pick<Deps<unknown>, 'env' | 'log' | 'signal'>,
): Promise<void> {
  try {
    await edge.summary(renderSection(section));
  } catch (error) {
    edge.log.warning(`No summary was written: ${error instanceof Error ? error.message : error}`);
  }
  if (edge.inPullRequest) await writeComment(section, inputs, edge);
}

/** `report.html` is made from all records of all names in the folder by whichever action ran last. */
async function writePage(folder: string, { log }: Deps<unknown>): Promise<void> {
  try {
    const { renderPage } = await import('../report/page.ts');
    const names = await readdir(folder, { withFileTypes: true });
    const records = await Promise.all(
      names.filter((entry) => entry.isDirectory()).map((entry) => new RecordFolder(folder, entry.name).all()),
    );
    await writeFileAtomically(join(folder, 'report.html'), await renderPage(records.flat()));
  } catch (error) {
    log.warning(
      `The page ${join(folder, 'report.html')} was not written: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** The verdict must not depend on whether GitHub can be reached, so every failure here is a warning. */
async function writeComment(
  section: ReportSection,
  inputs: Pick<CommonInputs, 'githubToken'>,
  { env, log, signal }: Pick<Deps<unknown>, 'env' | 'log' | 'signal'>,
): Promise<void> {
  if (!env.GITHUB_REPOSITORY) return;
  try {
    const { publishSection } = await import('../github/publish.ts');
    const published = await publishSection({
      section,
      env,
      token: inputs.githubToken,
      signal,
      progress: log.progress,
    });
    if (published.warning) log.warning(published.warning);
    if (published.commentUrl) log.info(`Comment: ${published.commentUrl}`);
  } catch (error) {
    log.warning(`No comment was written: ${error instanceof Error ? error.message : error}`);
  }
}

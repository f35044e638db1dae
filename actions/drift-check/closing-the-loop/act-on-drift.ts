/** What `on-drift` asks for, after the report is out: the retrain, and the model's issue. */
import { join } from 'node:path';
import { describeUserError, UserError } from '../../../shared/errors.ts';
import { type DriftIssue, findDriftIssue } from '../../../shared/github/issue.ts';
import { fitBody } from '../../../shared/github/issue-body.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { writeFileAtomically } from '../../../shared/records/folder.ts';
import { newestChecks } from '../../../shared/report/drift-history.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { type Asked, askForRetrain, retrainPayload } from './ask-for-retrain.ts';
import { issueState, issueText } from './issue-text.ts';
import { keepRequest, type Memory, recall, remember, writeMemory } from './memory.ts';
import type { Wanted } from './wanted.ts';

/**
 * Reads what earlier checks left, starts the retrain or holds it back, and brings the issue up to date with that. One
 * refusal of GitHub does not keep the other from being done.
 */
export async function actOnDrift(
  record: DriftCheck,
  wanted: Wanted,
  deps: Deps,
  recordDigest: string,
): Promise<void> {
  const { env, log, signal, records } = deps;
  const { token } = wanted;
  const wantsIssue = wanted.onDrift.includes('issue');
  const issue = wantsIssue
    ? await attempt(deps, async () => {
        const { name } = record;
        const progress = (message: string) => log.progress(message);
        const found = await findDriftIssue({ env, token, name, signal, progress });
        if (!found) log.warning('No issue was written: this is no GitHub workflow.');
        return found;
      })
    : undefined;
  const recalled = await recall(record, {
    issueBody: issue && (issue.previousBody ?? null),
    folder: records,
    now: deps.now(),
    warn: (message) => log.warning(message),
  });

  let asked: Asked | undefined;
  if (record.retrain && wanted.onDrift.includes('dispatch')) {
    asked = await askForRetrain(retrainPayload(record, recordDigest), wanted, recalled, deps);
  }
  // Also where another check has just started it, so that what this one writes does not forget it.
  const request = asked && 'request' in asked ? asked.request : recalled.request;
  if (asked?.status === 'started') await attempt(deps, () => keepRequest(records, asked.request));
  if (!wantsIssue) return;

  const checks = newestChecks([remember(record, asked?.status ?? null), ...recalled.checks]);
  const memory: Memory = { checks, request };
  const text = issueText(record, { memory, asked, recordDigest });
  if (record.retrain) {
    // Written first, so that a person can read it whatever becomes of the issue.
    const file = join(records.path, `drift-issue-${record.createdAt.replace(/[-:]|\.\d+/g, '')}.md`);
    const body = fitBody(text.body, Number.POSITIVE_INFINITY);
    await attempt(deps, () => writeFileAtomically(file, `# ${text.title}\n\n${body}\n`));
    log.info(`The text of the drift issue: ${file}`);
  }
  if (!issue) return;
  const synced = await attempt(deps, () => syncIssue(issue, record, text, memory));
  if (synced && synced.outcome !== 'none') {
    log.info(`Drift issue ${synced.outcome}: ${synced.url ?? `#${synced.number}`}`);
  }
  if (!synced && asked?.status === 'started' && !asked.claimed && wanted.coolDown > 0) {
    log.warning('The started retrain could not be written into the drift issue, which keeps the cool-down.');
  }
}

function syncIssue(
  issue: DriftIssue,
  record: DriftCheck,
  text: ReturnType<typeof issueText>,
  memory: Memory,
) {
  return issue.sync({ ...text, state: issueState(record), hidden: writeMemory(record.name, memory) });
}

/** What a person can mend is a warning; a bug stays an error. */
async function attempt<Result>({ log }: Deps, work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.warning(describeUserError(error), error.where);
    return undefined;
  }
}

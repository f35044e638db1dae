/** What a machine and its runner are called, and what their tags and labels say: all that finds them again. */
import { createHash } from 'node:crypto';

/** On every machine and its volume; its value is the name of the runner. */
export const MACHINE_TAG = 'mlops:gpu-runner';
/** On every runner. */
export const RUNNER_LABEL = 'mlops-gpu-runner';

/** The job that launches. */
export interface LaunchingJob {
  /** `owner/name`. */
  repository: string;
  run: string;
  attempt: number;
  /** Of the model. */
  name: string;
}

/**
 * The same for the same step of the same job, however often it is asked. GITHUB_JOB is one for all jobs of a matrix;
 * RUNNER_TRACKING_ID, which the runner gives to each job, tells those apart.
 * @returns at most 64 characters, which is GitHub's limit; letters, digits and hyphens.
 */
export function runnerName(job: LaunchingJob, env: NodeJS.ProcessEnv): string {
  const { GITHUB_JOB = '', GITHUB_ACTION = '', RUNNER_TRACKING_ID = '' } = env;
  const whole = [
    job.repository,
    job.run,
    job.attempt,
    job.name,
    GITHUB_JOB,
    GITHUB_ACTION,
    RUNNER_TRACKING_ID,
  ];
  const mark = createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, 12);
  const repository = (job.repository.split('/')[1] ?? '').replace(/[^A-Za-z0-9]+/g, '-').slice(0, 20);
  return `mlops-${repository}-${job.run}-${job.attempt}-${mark}`;
}

/** One launch: the same runner, offer and number give the same token. 64 characters, EC2's limit. */
export const launchToken = (runner: string, runnerId: number, offer: object): string =>
  createHash('sha256')
    .update(JSON.stringify([runner, runnerId, offer]))
    .digest('hex');

export interface MachineFacts extends LaunchingJob {
  runner: string;
  /** Number of the runner at GitHub; null where the tag was lost. */
  runnerId: number | null;
  /** When the machine ends itself at the latest; null where the tag was lost. */
  endsBy: Date | null;
  /** When its runner is at GitHub at the latest; null where the tag was lost. */
  onlineBy: Date | null;
  /** When the machine ends itself unless a job has begun. */
  jobBy: Date | null;
}

export function machineTags(facts: MachineFacts): Record<string, string> {
  return {
    Name: facts.runner,
    [MACHINE_TAG]: facts.runner,
    'mlops:repository': facts.repository,
    'mlops:name': facts.name,
    'mlops:run': facts.run,
    'mlops:attempt': String(facts.attempt),
    ...(facts.runnerId !== null && { 'mlops:runner-id': String(facts.runnerId) }),
    ...(facts.endsBy && { 'mlops:ends-by': facts.endsBy.toISOString() }),
    ...(facts.onlineBy && { 'mlops:online-by': facts.onlineBy.toISOString() }),
    ...(facts.jobBy && { 'mlops:job-by': facts.jobBy.toISOString() }),
  };
}

/** Reads the tags back; what a person has changed into something else is null, never a guess. */
export function readTags(tags: Readonly<Record<string, string>>): MachineFacts {
  const number = (text = '') => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : null);
  const date = (text = '') => (Number.isNaN(Date.parse(text)) ? null : new Date(text));
  return {
    runner: tags[MACHINE_TAG] ?? '',
    repository: tags['mlops:repository'] ?? '',
    name: tags['mlops:name'] ?? '',
    run: tags['mlops:run'] ?? '',
    attempt: number(tags['mlops:attempt']) ?? 1,
    runnerId: number(tags['mlops:runner-id']),
    endsBy: date(tags['mlops:ends-by']),
    onlineBy: date(tags['mlops:online-by']),
    jobBy: date(tags['mlops:job-by']),
  };
}

/**
 * Labels of a runner: its own name first, for `runs-on`. `self-hosted` is none of them, so that no other job that asks
 * for just any machine is given this one.
 */
export function runnerLabels(job: LaunchingJob, runner: string, more: readonly string[]): string[] {
  return [
    ...new Set([runner, ...more, RUNNER_LABEL, `mlops-run-${job.run}-${job.attempt}`, nameLabel(job.name)]),
  ];
}

export const nameLabel = (name: string): string => `mlops-name-${name}`;

/** The run that a runner was made for, from its labels; undefined for runners of others. */
export function runOfLabels(labels: readonly string[]): { run: string; attempt: number } | undefined {
  if (!labels.includes(RUNNER_LABEL)) return undefined;
  const found = labels.map((label) => /^mlops-run-(\d+)-(\d+)$/.exec(label)).find((match) => match !== null);
  return found ? { run: found[1]!, attempt: Number(found[2]) } : undefined;
}

/** Where this run comes from: what GitHub says of it, or the git checkout around it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { RecordSource } from '../records/envelope.ts';

/**
 * Repository (`owner/name`), commit and run address; each null when unknown.
 * On pull requests the commit is the head that the author pushed, not GitHub's merge of it.
 */
export async function findSource(env: NodeJS.ProcessEnv): Promise<RecordSource> {
  if (env.GITHUB_REPOSITORY) {
    const server = env.GITHUB_SERVER_URL || 'https://github.com';
    return {
      repository: env.GITHUB_REPOSITORY,
      commit: (await pullRequestHead(env.GITHUB_EVENT_PATH)) ?? env.GITHUB_SHA ?? null,
      runUrl: env.GITHUB_RUN_ID
        ? `${server}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`
        : null,
    };
  }
  const [commit, remote] = await Promise.all([git('rev-parse', 'HEAD'), git('remote', 'get-url', 'origin')]);
  const repository = /[/:]([^/:]+\/[^/:]+?)(?:\.git)?$/.exec(remote ?? '')?.[1] ?? null;
  return { repository, commit, runUrl: null };
}

async function pullRequestHead(eventPath: string | undefined): Promise<string | undefined> {
  if (!eventPath) return undefined;
  try {
    const event = JSON.parse(await readFile(eventPath, 'utf8')) as {
      pull_request?: { head?: { sha?: unknown } };
    };
    const sha = event.pull_request?.head?.sha;
    return typeof sha === 'string' ? sha : undefined;
  } catch {
    return undefined;
  }
}

async function git(...words: string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', words);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

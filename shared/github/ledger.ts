/**
 * One line after the other that all runs of a repository see, each written only by who has read the one before: what
 * issues and comments cannot promise. It is a ref outside branches and tags, which clones do not fetch and no workflow
 * is started by; each entry is a commit on top of the last one. Git moves the ref only forward, so of two runs that
 * write at once one is refused.
 */
import { randomUUID } from 'node:crypto';
import { UserError } from '../errors.ts';
import { type ClientOptions, createClient, describeFailure, httpStatus, isDenied } from './client.ts';
import { readContext } from './context.ts';

export interface LedgerPlace extends ClientOptions {
  /** Below `refs/`, two words at least: `mlops-actions/retrain/churn`. */
  ref: string;
}

export interface Ledger {
  /** As it was read; undefined where nothing was written yet. */
  readonly latest: string | undefined;
  /**
   * Writes an entry after `latest`.
   * @returns the ledger with the new entry; undefined where another run has written since.
   * @throws as `openLedger` does
   */
  append(text: string): Promise<Ledger | undefined>;
}

/** Two runs may write the same in the same second, and must not make the same commit. */
const MARK = /\n\nEntry: \S*\s*$/;

/** The token may keep no ledger here, or the server has none. */
export class NoLedger extends UserError {}

interface Repository {
  owner: string;
  repo: string;
  /** The commit of this run. */
  commit: string;
}

interface Entry {
  sha: string;
  /** Each entry has the files of the first one's run, so that none are stored for it. */
  tree: string;
  text: string;
}

/**
 * Reads the ledger, or finds that there is none yet.
 * @returns undefined where this is no GitHub workflow.
 * @throws NoLedger when GitHub refuses; UserError when it cannot be asked.
 */
export async function openLedger(place: LedgerPlace): Promise<Ledger | undefined> {
  const context = await readContext(place.env);
  if (!context) return undefined;
  const { owner, repo } = context;
  const repository = { owner, repo, commit: place.env.GITHUB_SHA ?? context.headSha };
  return explained(place, async () => ledger(place, repository, await readLast(place, repository)));
}

async function readLast(place: LedgerPlace, { owner, repo }: Repository): Promise<Entry | undefined> {
  const client = await createClient(place);
  const found = await client.rest.git.getRef({ owner, repo, ref: place.ref }).catch((error: unknown) => {
    if (httpStatus(error) === 404) return undefined;
    throw error;
  });
  if (!found) return undefined;
  const { sha } = found.data.object;
  const { data } = await client.rest.git.getCommit({ owner, repo, commit_sha: sha });
  return { sha, tree: data.tree.sha, text: data.message.replace(MARK, '') };
}

function ledger(place: LedgerPlace, repository: Repository, last: Entry | undefined): Ledger {
  return {
    latest: last?.text,
    append: (text) =>
      explained(place, async () => {
        const entry = await writeEntry(place, repository, text, last);
        return (await move(place, repository, entry, last)) ? ledger(place, repository, entry) : undefined;
      }),
  };
}

async function writeEntry(
  place: LedgerPlace,
  { owner, repo, commit }: Repository,
  text: string,
  last: Entry | undefined,
): Promise<Entry> {
  const client = await createClient(place);
  const tree =
    last?.tree ?? (await client.rest.git.getCommit({ owner, repo, commit_sha: commit })).data.tree.sha;
  const parents = last ? [last.sha] : [];
  const message = `${text}\n\nEntry: ${randomUUID()}`;
  const { data } = await client.rest.git.createCommit({ owner, repo, message, tree, parents });
  return { sha: data.sha, tree, text };
}

/** @returns false where another run was first. */
async function move(
  place: LedgerPlace,
  { owner, repo }: Repository,
  { sha }: Entry,
  last: Entry | undefined,
): Promise<boolean> {
  // A client waits a second between two writes, in which another run would be first: so this is a new one.
  const { git } = (await createClient(place)).rest;
  const { ref } = place;
  try {
    if (last) await git.updateRef({ owner, repo, ref, sha, force: false });
    else await git.createRef({ owner, repo, ref: `refs/${ref}`, sha });
    return true;
  } catch (error) {
    const isLate = /already exists|fast.forward|reference (update failed|cannot be updated)/i;
    const status = httpStatus(error);
    if (status !== 409 && !(status === 422 && isLate.test(String(error)))) throw error;
    // An earlier try may have been done and its answer lost.
    return (await git.getRef({ owner, repo, ref })).data.object.sha === sha;
  }
}

async function explained<Result>({ ref }: LedgerPlace, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const status = httpStatus(error);
    if (status === undefined) throw error;
    const what = `GitHub answered ${describeFailure(error)}`;
    if (isDenied(error) || status === 404 || status === 422) {
      throw new NoLedger(`The ref refs/${ref} cannot be kept: ${what}.`, {
        fix: 'Add "permissions: contents: write" to the job.',
        cause: error,
      });
    }
    throw new UserError(`What other runs have started is not known: ${what}.`, {
      fix: 'Run the job again later.',
      cause: error,
    });
  }
}

/**
 * policy/: from what a person wrote to the rules that are judged. This file: which version of the policy judges. On a
 * pull request that is the base branch's, so that nobody lowers the bar in the change that must clear it.
 */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { Verdict } from '../../../shared/records/envelope.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import { type GatePolicy, parseGatePolicy, readGatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Annotation, Deps } from '../../../shared/runtime/definition.ts';
import type { Inputs } from '../inputs.ts';
import { comparePolicies, lineIn } from './policy-change.ts';

export interface JudgingPolicy {
  /** Places in it are of the version that judges; where the checkout has another, the file's name says so. */
  document: PositionedDocument<GatePolicy>;
  from: 'base' | 'file';
  /** Set when the pull request changes the policy, or brings the one that judges it. */
  change: NonNullable<Evaluation['policy']>['change'];
  /** What a reader must know of it, as sentences. */
  notes: string[];
  /** Moves an annotation to where the checkout, whose lines a pull request shows, has what it speaks of. */
  inCheckout(annotation: Annotation): Annotation;
}

const unchanged = { change: null, notes: [], inCheckout: (annotation: Annotation) => annotation };

/** @returns undefined where no policy is named. @throws UserError with file, line and column. */
export async function readPolicy(
  inputs: Pick<Inputs, 'policy' | 'policyFrom' | 'githubToken' | 'workingDirectory'>,
  deps: Deps,
): Promise<JudgingPolicy | undefined> {
  const { policy: file, policyFrom, workingDirectory } = inputs;
  if (file === undefined) return undefined;
  const pullRequest = policyFrom === 'base' ? await findBase(inputs.githubToken, deps) : undefined;
  if (!pullRequest) return { document: await readGatePolicy(file), from: 'file', ...unchanged };
  const { readFileAtCommit } = await import('../../../shared/github/file-at-commit.ts');
  const { env, signal, log } = deps;
  const base = await readFileAtCommit(
    { ...pullRequest, file, workingDirectory },
    { env, token: inputs.githubToken, signal, progress: log.progress },
  );
  if (base.status === 'unknown') throw cannotRead(file, pullRequest.commit, base.why);
  if (base.status === 'absent') return judgedByItsOwn(file, pullRequest.commit, deps);
  const own = await readOwn(file, env);
  // A checkout may have other line ends than the commit.
  if (own.text !== undefined && unixLines(own.text) === unixLines(base.text))
    return { document: await readGatePolicy(file), from: 'base', ...unchanged };
  return judgedByTheBase(file, pullRequest.commit, base.text, own);
}

/** The base commit of the pull request that this run is for; undefined in any other run. */
async function findBase(
  token: string | undefined,
  { env, signal, log }: Deps,
): Promise<{ owner: string; repo: string; commit: string } | undefined> {
  const { readContext } = await import('../../../shared/github/context.ts');
  const context = await readContext(env);
  if (!context) return undefined;
  const { findBaseCommit } = await import('../../../shared/github/base-commit.ts');
  const base = await findBaseCommit(context, { env, token, signal, progress: log.progress });
  if (base.status === 'none') return undefined;
  const { owner, repo } = context;
  if (base.status === 'found') return { owner, repo, commit: base.commit };
  throw new UserError(`The policy to judge by is not known: ${base.why}.`, {
    where: { key: 'inputs.policy-from' },
    fix: 'Keep GITHUB_EVENT_PATH as the runner sets it and give this step a github-token, or set policy-from: file to judge by the policy in the checkout.',
  });
}

interface OwnVersion {
  /** Undefined where the checkout has none that may be shown. */
  text: string | undefined;
  /** What became of it, as the end of a sentence. */
  what: string;
}

/** Its text is shown as a diff, so a link must not lead to a file of the machine, such as one that holds a token. */
async function readOwn(file: string, env: NodeJS.ProcessEnv): Promise<OwnVersion> {
  const leadsTo = await realpath(file).catch(() => undefined);
  const entry = await lstat(file).catch(() => undefined);
  if (leadsTo === undefined) return { text: undefined, what: entry ? 'leads nowhere' : 'is deleted' };
  const path = relative(await realpath(env.GITHUB_WORKSPACE || '.'), leadsTo);
  const parts = path.split(sep);
  if (parts[0] === '..' || isAbsolute(path) || parts.includes('.git') || !(await lstat(leadsTo)).isFile())
    return { text: undefined, what: 'is no longer a file of the checkout' };
  return { text: await readFile(file, 'utf8'), what: 'differs' };
}

const unixLines = (text: string): string => text.replaceAll('\r\n', '\n');
const short = (commit: string): string => commit.slice(0, 7);

function cannotRead(file: string, commit: string, why: string): UserError {
  return new UserError(`The base branch's ${file} (at ${short(commit)}) cannot be read: ${why}.`, {
    where: { key: 'inputs.policy-from' },
    fix: 'Give the job the permission contents: read and this step a github-token, or check out with fetch-depth: 0; policy-from: file judges by the policy in the checkout instead.',
  });
}

async function judgedByTheBase(
  file: string,
  commit: string,
  base: string,
  own: OwnVersion,
): Promise<JudgingPolicy> {
  const label = `${file}@${short(commit)}`;
  const document = await parseGatePolicy(base, label).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `The policy of the base branch, which judges this pull request, is broken. ${error.message}`,
      {
        where: error.where,
        fix: `${error.fix} Mend it on the base branch first, or set policy-from: file to judge by the one in the checkout.`.trim(),
        cause: error,
      },
    );
  });
  const { diff, lines } = await comparePolicies({ name: file, base, own: own.text });
  const broken = own.text === undefined ? undefined : await brokenness(own.text, file);
  const why = `The policy ${file} ${own.what} in this pull request; it is judged by the version of the base commit ${short(commit)}.`;
  return {
    document: { ...document, file },
    from: 'base',
    change: { diff, why },
    notes: broken
      ? [`The ${file} of this pull request is broken and would judge nothing once it is merged. ${broken}`]
      : [],
    inCheckout: ({ message, where, level }) => ({
      level,
      message:
        where.line === undefined
          ? message
          : `${message} (Line ${where.line} of the base branch's version, which judges.)`,
      where: { ...where, file, line: lineIn(lines, where.line), column: undefined },
    }),
  };
}

async function brokenness(text: string, file: string): Promise<string | undefined> {
  try {
    await parseGatePolicy(text, file);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** A pull request that brings its own policy, or points the input at another file, sets its own bar: say it loudly. */
async function judgedByItsOwn(file: string, commit: string, { log }: Deps): Promise<JudgingPolicy> {
  const document = await readGatePolicy(file);
  const why = `The base branch has no ${file} (at commit ${short(commit)}), so this pull request is judged by a policy of its own, which nobody has reviewed yet.`;
  log.warning(why, { file });
  const { diff } = await comparePolicies({ name: file, base: undefined, own: document.text });
  return {
    document,
    from: 'file',
    change: { diff, why },
    notes: [why],
    inCheckout: (annotation) => annotation,
  };
}

/** A pass by a bar that the pull request itself has set is a warning. */
export function withPolicyWarning(
  judged: { verdict: Verdict; reason: string },
  judging: JudgingPolicy | undefined,
): { verdict: Verdict; reason: string } {
  if (judging?.from !== 'file' || !judging.change || judged.verdict !== 'pass') return judged;
  return { verdict: 'warn', reason: `${judging.change.why} By it: ${judged.reason}` };
}

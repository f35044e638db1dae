import { formatDuration } from '../../../shared/report/numbers.ts';

/** Whether what the job lives on lasts as long as the training is expected to. */

/** GitHub ends a hosted job after this long, and without `timeout-minutes` every other as well. */
const JOB_LIMIT_S = 6 * 3600;
/** The token of a job dies at the latest after this long. */
const TOKEN_LIMIT_S = 24 * 3600;
/** Checkpoint, upload and report after the training. */
const RESERVE_S = 300;

export interface LifeQuestion {
  expectedSeconds: number;
  env: NodeJS.ProcessEnv;
  now: Date;
  /** Whether the run talks to AWS: a checkpoint store or data in S3. */
  usesAws: boolean;
}

export interface LifeAnswer {
  problems: { what: string; fix: string }[];
  warnings: string[];
}

export function remainingLife({ expectedSeconds, env, now, usesAws }: LifeQuestion): LifeAnswer {
  const problems: LifeAnswer['problems'] = [];
  const warnings: string[] = [];
  const expected = formatDuration(expectedSeconds);
  const isJob = env.GITHUB_ACTIONS === 'true';
  const isHosted = isJob && env.RUNNER_ENVIRONMENT === 'github-hosted';
  if (isHosted && expectedSeconds + RESERVE_S > JOB_LIMIT_S) {
    problems.push({
      what: `the training is expected to take ${expected}, and GitHub ends a job on its own runners after 6 h`,
      fix: 'Use a self-hosted runner, or submit it as a job of a service (operation: submit).',
    });
  } else if (isJob && expectedSeconds + RESERVE_S > JOB_LIMIT_S) {
    warnings.push(
      `The training is expected to take ${expected}: without timeout-minutes GitHub ends the job after 6 h (360 minutes).`,
    );
  }
  if (isJob && !isHosted && expectedSeconds + RESERVE_S > TOKEN_LIMIT_S) {
    warnings.push(
      `The training is expected to take ${expected}, and GITHUB_TOKEN dies after 24 h: comment and check run will not be written.`,
    );
  }
  if (usesAws) {
    const aws = awsLife(env, now, expectedSeconds);
    if (aws.problem) problems.push(aws.problem);
    if (aws.warning) warnings.push(aws.warning);
  }
  return { problems, warnings };
}

function awsLife(
  env: NodeJS.ProcessEnv,
  now: Date,
  expectedSeconds: number,
): { problem?: LifeAnswer['problems'][number]; warning?: string } {
  const expected = formatDuration(expectedSeconds);
  const text = env.AWS_SESSION_EXPIRATION || env.AWS_CREDENTIAL_EXPIRATION;
  if (!text) {
    // Keys without a session token do not end, and the SDK fetches those of a machine's role anew.
    if (!env.AWS_SESSION_TOKEN) return {};
    return {
      warning: `How long the AWS credentials last is not known, and the training is expected to take ${expected}: an OIDC session lasts 1 h unless role-duration-seconds says more.`,
    };
  }
  const left = (Date.parse(text) - now.getTime()) / 1000;
  if (Number.isNaN(left)) return { warning: `The end of the AWS credentials, "${text}", is no time.` };
  if (left >= expectedSeconds + RESERVE_S) return {};
  const ends =
    left <= 0
      ? 'the AWS credentials have ended'
      : `the AWS credentials last for ${formatDuration(left)} more`;
  return {
    problem: {
      what: `the training is expected to take ${expected}, and ${ends}`,
      fix: 'Ask for a longer session (role-duration-seconds of configure-aws-credentials), or let the machine have a role of its own.',
    },
  };
}

import { PassingError, pauseAsked } from '../../concurrency/retry.ts';
import { UserError } from '../../errors.ts';
import { readJson } from './bodies.ts';

/** What a registry's refusals mean, and which of them may pass. */

const LARGEST_COMPLAINT = 64 * 1024;

/** 401 or 403: not allowed, or with some registries not there. */
export class DeniedError extends UserError {
  override name = 'UserError';
}

/** The error for an answer that was not expected. @param redact takes secrets out of what the registry says. */
export async function failureOf(
  response: Response,
  where: string,
  host: string,
  redact: (text: string) => string,
): Promise<Error> {
  const { status } = response;
  const said = redact(await complaintOf(response)).slice(0, 300);
  const text = `${where} was answered ${status}${said ? `: ${said}` : ''}.`;
  const fix = fixFor(status, said, host);
  if (status === 401 || status === 403) return new DeniedError(text, { fix });
  const error = new UserError(text, { fix });
  if (status !== 429 && status < 500 && status !== 408) return error;
  return new PassingError(error, pauseAsked(response.headers.get('retry-after')));
}

async function complaintOf(response: Response): Promise<string> {
  const json = await readJson(response, LARGEST_COMPLAINT).catch(() => undefined);
  const errors = (json as { errors?: { code?: unknown; message?: unknown }[] } | null | undefined)?.errors;
  const parts = Array.isArray(errors) ? errors.flatMap((error) => [error?.code, error?.message]) : [];
  const words = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  return words.join(': ').replace(/\s+/g, ' ');
}

function fixFor(status: number, said: string, host: string): string {
  // ECR says TAG_INVALID (400), Harbor PRECONDITION (412), Artifact Registry and Docker Hub DENIED: all say the word.
  if (/immutab/i.test(said)) {
    return 'Aliases and their history are tags that move: let tags of this repository be overwritten, or exclude those that do not begin with version- from the rule.';
  }
  if (status === 401 || status === 403) {
    return `Log in to ${host} with docker login (for ghcr.io the job's token needs packages: write), and check that the account may use this repository. Some registries say the same of a repository that does not exist yet.`;
  }
  if (status === 404 && /\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com/.test(host)) {
    return 'ECR wants the repository to be there: aws ecr create-repository --repository-name <namespace>/<name>, or a repository creation template for pushes.';
  }
  if (status === 404) {
    return 'Check the namespace; some registries want the project or repository to be created first.';
  }
  if (status === 405) {
    return 'The registry does not do this: it may be read-only, a mirror, or set up without removal. Check its settings.';
  }
  if (status === 413) return 'The registry refuses files of this size: raise its limit or split the file.';
  if (status === 429) return 'The registry limits the rate of requests: run again later, or log in.';
  return status >= 500 ? 'The registry is in trouble: run again later.' : '';
}

import { AwsError, awsError } from '../../../../shared/aws/aws-error.ts';

export interface CallOptions {
  /** Name of the endpoint, for the words of errors. */
  endpointName: string;
  env: NodeJS.ProcessEnv;
  /** Of the run. */
  signal: AbortSignal;
}

/** A cancelled run has seconds left, in which it gives the traffic back. */
const LAST_CALLS_MS = 2_000;

/**
 * Makes one request and turns what AWS refuses into words. Once the run is cancelled the requests that make the traffic
 * safe are still made, each with little time.
 * @param verb fits before "the endpoint churn", e.g. `update`. @param permission e.g. `sagemaker:UpdateEndpoint`.
 */
export async function askAws<Result>(
  { endpointName, env, signal }: CallOptions,
  verb: string,
  permission: string,
  work: (signal: { abortSignal: AbortSignal }) => Promise<Result>,
): Promise<Result> {
  const wasAborted = signal.aborted;
  const abortSignal = wasAborted ? AbortSignal.timeout(LAST_CALLS_MS) : signal;
  try {
    return await work({ abortSignal });
  } catch (error) {
    if (!wasAborted) signal.throwIfAborted();
    const what = `${verb} the endpoint ${endpointName}`;
    throw awsError(
      error,
      { what, permission, resource: `the endpoint ${endpointName} and what belongs to it` },
      env,
    );
  }
}

/** Undefined where AWS says that there is no such thing. */
export async function orMissing<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    const isMissing =
      error instanceof AwsError &&
      (/^(ResourceNotFound|ObjectNotFoundException)/.test(error.code) ||
        /does not exist|not found|could not find|cannot find|no scalable target/i.test(error.said));
    if (isMissing) return undefined;
    throw error;
  }
}

/** Whether AWS refused because it is at work on the endpoint already: the same request may be made later. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof AwsError &&
    (error.code === 'ResourceInUse' ||
      /in-progress|in progress|cannot update .*(updating|rolling)/i.test(error.said))
  );
}

/** Whether AWS refused to make what is there already. */
export function isThere(error: unknown): boolean {
  return error instanceof AwsError && /already exist/i.test(error.said);
}

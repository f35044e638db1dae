import { messageOf, UserError } from '../../../shared/errors.ts';
import { ServerUnreachable, TrackingRefusal } from '../../../shared/mlflow/tracking-client.ts';

/** The server, or what it was asked with, has to be mended by a person. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof TrackingRefusal)
    return error.status < 500 && error.status !== 408 && error.status !== 429;
  return error instanceof UserError && !(error instanceof ServerUnreachable);
}

/** For people: what went wrong, and how to mend it. */
export function sentence(error: unknown): string {
  if (error instanceof UserError) return [error.message, error.fix].filter(Boolean).join(' ');
  if (error instanceof Error && error.name === 'TimeoutError')
    return 'The MLflow server did not answer in time.';
  return `The run of MLflow cannot be written: ${messageOf(error)}.`;
}

/**
 * An AbortSignal for SIGINT and SIGTERM. The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later the kill, so
 * the first one counts; the second is swallowed, or Node would die in the middle of the tidying up.
 */
export function cancellationSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => controller.abort(new Error(`The run was cancelled (${name}).`)));
  }
  return controller.signal;
}

/**
 * Whether an error only says that the run was cancelled. Its stack would tell nobody anything; what a user's program
 * said when it was cut off would.
 */
export function wasCancelled(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted || !(error instanceof Error)) return false;
  return error === signal.reason || error.name === 'AbortError' || wasCancelled(error.cause, signal);
}

/** `The run was cancelled (SIGTERM).` */
export const cancellation = (signal: AbortSignal): string =>
  signal.reason instanceof Error ? signal.reason.message : 'The run was cancelled.';

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

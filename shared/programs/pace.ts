/** Above this, output waits in memory for whoever reads it. */
const WAITING_BYTES = 1024 * 1024;

/**
 * A promise for the moment at which what this process has printed is on its way; undefined when it is already. A
 * program's output is read no faster than it can be passed on: a gigabyte of lines must not pile up in memory.
 */
export function ownOutputWritten(
  outputs: readonly NodeJS.WritableStream[] = [process.stdout, process.stderr],
): Promise<unknown> | undefined {
  const waiting = outputs.filter(
    (stream) => 'writableLength' in stream && Number(stream.writableLength) > WAITING_BYTES,
  );
  if (waiting.length === 0) return undefined;
  return Promise.all(
    waiting.map(
      (stream) =>
        new Promise<void>((resolve) => {
          const done = () => {
            stream.off('drain', done);
            stream.off('close', done);
            resolve();
          };
          stream.on('drain', done);
          // Nobody reads any more: there is nothing to wait for.
          stream.on('close', done);
        }),
    ),
  );
}

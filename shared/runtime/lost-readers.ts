/**
 * Goes on when nobody reads the output any more (a closed pipe, as in `… | head`): a run that died of it would
 * leave its programs unattended and its record unwritten.
 */
export function surviveLostReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

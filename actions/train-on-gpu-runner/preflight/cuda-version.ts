import { execFile } from 'node:child_process';

/**
 * The newest CUDA that the driver supports, from the head of plain `nvidia-smi` (no field of `--query-gpu` tells it):
 * `CUDA Version: 12.4`, in newer tools also `CUDA UMD Version`. Undefined where it says none.
 */
export function parseCudaVersion(text: string): string | undefined {
  return /CUDA (?:UMD )?Version\s*:\s*(\d+\.\d+)/.exec(text)?.[1];
}

/** Asks the driver. A driver that hangs is given up after ten seconds. */
export function driverCudaVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('nvidia-smi', [], { env, timeout: 10_000, killSignal: 'SIGKILL' }, (error, stdout) =>
      resolve(error ? undefined : parseCudaVersion(stdout)),
    );
  });
}

import type { GpuSample } from '../watch/gpu-query.ts';

/**
 * Which GPUs a program of this environment may use. nvidia-smi shows all of them, whatever CUDA_VISIBLE_DEVICES says, so
 * a training with an empty one would run on the processor for hours.
 */
export function visibleGpus(
  samples: readonly GpuSample[],
  env: NodeJS.ProcessEnv,
): { gpus: GpuSample[]; hiddenBy: string | undefined } {
  const container = env.NVIDIA_VISIBLE_DEVICES?.trim();
  if (container === 'none' || container === 'void') {
    return { gpus: [], hiddenBy: `NVIDIA_VISIBLE_DEVICES is "${container}"` };
  }
  const chosen = env.CUDA_VISIBLE_DEVICES;
  if (chosen === undefined) return { gpus: [...samples], hiddenBy: undefined };
  const gpus: GpuSample[] = [];
  for (const part of chosen.split(',').map((text) => text.trim())) {
    const gpu = /^\d+$/.test(part)
      ? samples.find(({ index }) => index === Number(part))
      : // A part of a UUID is enough for CUDA; a MIG instance has a UUID of its own, which this list does not hold.
        part.startsWith('MIG-')
        ? samples[0]
        : part.startsWith('GPU-') && samples.find(({ uuid }) => uuid.startsWith(part));
    // CUDA reads the list up to the first name that is none and takes no GPU after it.
    if (!gpu || (gpus.includes(gpu) && !part.startsWith('MIG-'))) break;
    gpus.push(gpu);
  }
  return { gpus, hiddenBy: `CUDA_VISIBLE_DEVICES is "${chosen}"` };
}

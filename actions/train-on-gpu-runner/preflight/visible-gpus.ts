import type { GpuSample } from '../watch/gpu-query.ts';
import type { MigGpu } from './mig.ts';

/** A device as CUDA counts them: a whole GPU, or a slice of one with the memory of the slice. */
export interface CudaDevice extends GpuSample {
  /** Of a slice: its GPU and the instance that it shares memory with. */
  slice?: string;
}

/**
 * Which GPUs a program of this environment may use. nvidia-smi shows all of them, whatever CUDA_VISIBLE_DEVICES says, so
 * a training with an empty one would run on the processor for hours. NVIDIA_VISIBLE_DEVICES says nothing here: it tells
 * the runtime what to give to a container, is `void` in one that got its GPUs by another way (CDI), and nvidia-smi shows
 * what was given. @param mig GPUs in MIG mode.
 */
export function visibleGpus(
  samples: readonly GpuSample[],
  env: NodeJS.ProcessEnv,
  mig: readonly MigGpu[] = [],
): { gpus: CudaDevice[]; hiddenBy: string | undefined } {
  const devices = samples.map((gpu) => ({ gpu, devices: devicesOf(gpu, mig) }));
  const all = devices.flatMap((one) => one.devices);
  const chosen = env.CUDA_VISIBLE_DEVICES;
  if (chosen === undefined) return { gpus: all, hiddenBy: undefined };
  const gpus: CudaDevice[] = [];
  for (const part of chosen.split(',').map((text) => text.trim())) {
    // A part of a UUID is enough for CUDA.
    const named = /^\d+$/.test(part)
      ? devices.find(({ gpu }) => gpu.index === Number(part))?.devices
      : part.startsWith('GPU-')
        ? devices.find(({ gpu }) => gpu.uuid.startsWith(part))?.devices
        : part.startsWith('MIG-')
          ? sliceNamed(part, all, mig)
          : undefined;
    const fresh = named?.filter((device) => !gpus.includes(device)) ?? [];
    // CUDA reads the list up to the first name that is none and takes no GPU after it.
    if (fresh.length === 0) break;
    gpus.push(...fresh);
  }
  return { gpus, hiddenBy: `CUDA_VISIBLE_DEVICES is "${chosen}"` };
}

function devicesOf(gpu: GpuSample, mig: readonly MigGpu[]): CudaDevice[] {
  const cut = mig.find(({ index }) => index === gpu.index);
  if (!cut) return [gpu];
  return cut.slices.map(({ uuid, profile, instance, memoryTotalMiB }) => ({
    ...gpu,
    ...{ uuid, memoryTotalMiB, name: `${gpu.name} MIG ${profile}` },
    // Where the instance is not told, each slice is taken for one of its own.
    slice: `${gpu.index}/${instance ?? uuid}`,
  }));
}

function sliceNamed(
  part: string,
  all: readonly CudaDevice[],
  mig: readonly MigGpu[],
): CudaDevice[] | undefined {
  // Where the slices are not known, one that is named must be believed.
  if (mig.length === 0) return all[0] && [{ ...all[0], uuid: part }];
  const found = all.find(({ slice, uuid }) => slice !== undefined && uuid.startsWith(part));
  return found && [found];
}

/** From this driver on a process sees a slice of each instance, and whole GPUs beside them. */
const FIRST_WITH_SEVERAL = 570;

/**
 * How many of the devices one process of CUDA sees at once: with MIG fewer than there are.
 * https://docs.nvidia.com/datacenter/tesla/mig-user-guide/mig-device-names.html#cuda-device-enumeration
 */
export function seenByOneProcess(gpus: readonly CudaDevice[]): number {
  const slices = gpus.filter(({ slice }) => slice !== undefined);
  if (slices.length === 0) return gpus.length;
  if (Number.parseInt(slices[0]!.driverVersion, 10) < FIRST_WITH_SEVERAL) return 1;
  return gpus.length - slices.length + new Set(slices.map(({ slice }) => slice)).size;
}

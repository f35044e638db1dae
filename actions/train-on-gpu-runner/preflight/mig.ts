import { askNvidiaSmi, type Execute, type GpuSample } from '../watch/gpu-query.ts';

/**
 * GPUs that are cut into slices (MIG). To CUDA each slice is a device with memory of its own, while the table of
 * `--query-gpu` shows the whole card only, and no use of it.
 * https://docs.nvidia.com/datacenter/tesla/mig-user-guide/mig-device-names.html
 */

export interface MigSlice {
  /** `MIG-…`: what CUDA_VISIBLE_DEVICES may name. */
  uuid: string;
  /** `1g.10gb`, or `1c.3g.40gb` of a slice that shares its memory with others. */
  profile: string;
  /** Slices of the same instance of the same GPU share their memory; null where the driver does not tell. */
  instance: number | null;
  memoryTotalMiB: number | null;
}

/** A GPU in MIG mode. Without a slice there is nothing on it that CUDA could use. */
export interface MigGpu {
  index: number;
  slices: readonly MigSlice[];
}

/** @returns the GPUs in MIG mode; none is asked for where every card tells its use, which none in that mode does. */
export async function readMigGpus(
  samples: readonly GpuSample[],
  env: NodeJS.ProcessEnv,
  execute: Execute = askNvidiaSmi,
): Promise<MigGpu[]> {
  if (samples.every(({ utilisation }) => utilisation !== null)) return [];
  // What cannot be asked is not known: the card is then taken for a whole one, as nvidia-smi shows it.
  const ask = (words: string[]) => execute('nvidia-smi', words, env).catch(() => '');
  const listed = parseSliceList(await ask(['-L']));
  const details = parseSliceDetails(await ask(['-q', '-x']));
  return samples.flatMap(({ index, uuid }) => {
    const devices = listed.get(uuid) ?? [];
    const known = details.get(uuid);
    if (devices.length === 0 && !known?.isEnabled) return [];
    const slices = devices.map(({ device, ...slice }): MigSlice => {
      const { instance = null, memoryTotalMiB = null } = known?.devices.get(device) ?? {};
      return { ...slice, instance, memoryTotalMiB };
    });
    return [{ index, slices }];
  });
}

/** What a person should know of the telemetry of such cards, in a sentence for each. */
export function describeMig(gpus: readonly MigGpu[]): string[] {
  return gpus
    .filter(({ slices }) => slices.length > 0)
    .map(({ index, slices }) => {
      const names = slices.map(({ profile }) => profile).join(', ');
      return `GPU ${index} is cut into slices (MIG: ${names}). Its driver does not tell what a slice does, so that an idle one is not warned of; memory in use, power and temperature are those of the whole card, whoever uses it.`;
    });
}

interface ListedSlice {
  /** Number on its GPU. */
  device: number;
  uuid: string;
  profile: string;
}

/** Reads `nvidia-smi -L`: the slices by the UUID of their GPU. */
export function parseSliceList(text: string): Map<string, ListedSlice[]> {
  const found = new Map<string, ListedSlice[]>();
  let slices: ListedSlice[] | undefined;
  for (const line of text.split('\n')) {
    const [, gpu] = /^GPU \d+:.*\(UUID: (GPU-[^)\s]+)\)/.exec(line) ?? [];
    if (gpu !== undefined) {
      slices = [];
      found.set(gpu, slices);
    }
    const [, profile, device, uuid] =
      /^\s*MIG (\S+)\s+Device\s+(\d+): \(UUID: (MIG-[^)\s]+)\)/.exec(line) ?? [];
    if (profile === undefined || uuid === undefined) continue;
    slices?.push({ device: Number(device), uuid, profile });
  }
  return found;
}

interface SliceDetails {
  isEnabled: boolean;
  /** By their number on the GPU. */
  devices: Map<number, Pick<MigSlice, 'instance' | 'memoryTotalMiB'>>;
}

/** Reads `nvidia-smi -q -x` as far as it tells of slices, by the UUID of their GPU. */
export function parseSliceDetails(xml: string): Map<string, SliceDetails> {
  const found = new Map<string, SliceDetails>();
  for (const [, gpu = ''] of xml.matchAll(/<gpu id=[^>]*>(.*?)<\/gpu>/gs)) {
    const uuid = /<uuid>\s*(GPU-[^<\s]+)/.exec(gpu)?.[1];
    if (uuid === undefined) continue;
    const devices: SliceDetails['devices'] = new Map();
    for (const [, device = ''] of gpu.matchAll(/<mig_device>(.*?)<\/mig_device>/gs)) {
      const index = numberIn(device, 'index');
      if (index === null) continue;
      const memory = /<fb_memory_usage>(.*?)<\/fb_memory_usage>/s.exec(device)?.[1] ?? '';
      devices.set(index, {
        instance: numberIn(device, 'gpu_instance_id'),
        memoryTotalMiB: numberIn(memory, 'total'),
      });
    }
    found.set(uuid, { isEnabled: /<current_mig>\s*Enabled/.test(gpu), devices });
  }
  return found;
}

/** `<total>40448 MiB</total>`; null for N/A. */
function numberIn(xml: string, tag: string): number | null {
  const text = new RegExp(`<${tag}>\\s*(\\d+)(?: MiB)?\\s*</${tag}>`).exec(xml)?.[1];
  return text === undefined ? null : Number(text);
}

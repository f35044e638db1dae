import type { GpuSample } from './gpu-query.ts';
import type { MachineMoment, SampleWindow } from './sample-window.ts';

/**
 * What samples of the machine say to a person. Each rule gives a message while its condition holds, `clear` when the
 * condition has clearly ended, and undefined in between or where the driver does not tell.
 */
type State = { message: string } | 'clear' | undefined;

/** Imports, downloads and the building of a model leave every GPU idle at first. */
const WARM_UP_S = 60;
/** A validation or a checkpoint may take minutes in which the GPU waits; five are long for either. */
const IDLE_WINDOW_S = 300;
/** Utilisation is the share of time in which any kernel ran: less than this is a desktop, not a training. */
const IDLE_PERCENT = 5;
const IDLE_CLEAR_PERCENT = 10;

export const WINDOW_S = IDLE_WINDOW_S;

export function idleGpu(window: SampleWindow): State {
  const moments = window.last(IDLE_WINDOW_S, WARM_UP_S);
  const means = [...perGpu(moments, (gpu) => gpu.utilisation)].map(
    ([index, values]) => [index, meanOf(values)] as const,
  );
  if (means.length === 0) return undefined;
  const idle = means.filter(([, mean]) => mean < IDLE_PERCENT).map(([index]) => index);
  if (idle.length === 0) {
    return means.every(([, mean]) => mean >= IDLE_CLEAR_PERCENT) ? 'clear' : undefined;
  }
  const which =
    idle.length < means.length
      ? `${idle.length} of ${means.length} GPUs (${idle.join(', ')})`
      : means.length === 1
        ? 'The GPU'
        : `All ${means.length} GPUs`;
  const advice =
    idle.length < means.length
      ? 'the training does not use all GPUs that it was given'
      : 'the training may run on the processor, wait for something, or have stopped working';
  return { message: `${which} did less than ${IDLE_PERCENT} % for 5 minutes: ${advice}.` };
}

/** Below this a GPU waits more than it works. */
const STARVED_PERCENT = 50;
const FED_PERCENT = 70;
/** All cores are never at 100 %: the reading processes themselves wait now and then. */
const BUSY_CORES_SHARE = 0.9;
/** Alternation: fully busy and idle by turns, each in a quarter of the samples, a turn in most pairs. */
const TURNS_SHARE = 0.25;
const FEWEST_TURNS = 8;

/**
 * The GPU waits for data: it is half idle while the processor is nearly all busy, or it works in turns with it.
 * @param cores that the training may use.
 */
export function dataBound(window: SampleWindow, cores: number): State {
  const moments = window.last(IDLE_WINDOW_S, WARM_UP_S);
  const use = moments.map(({ gpus }) => meanOf(known(gpus.map((gpu) => gpu.utilisation))));
  const values = use.filter((value) => Number.isFinite(value));
  if (values.length === 0) return undefined;
  const gpu = meanOf(values);
  if (gpu < IDLE_PERCENT) return undefined;
  const cpu = meanOf(known(moments.map(({ cpuPercent }) => cpuPercent)));
  const fix = 'more or faster loading (workers, caching, a binary format) would let it work';
  if (gpu < STARVED_PERCENT && cpu >= BUSY_CORES_SHARE * 100 * cores) {
    return {
      message: `The GPU is used at ${gpu.toFixed(0)} % while the processor is fully busy: it probably waits for data; ${fix}.`,
    };
  }
  const high = values.filter((value) => value >= 70).length;
  const low = values.filter((value) => value <= 10).length;
  if (
    gpu < FED_PERCENT &&
    Math.min(high, low) >= TURNS_SHARE * values.length &&
    turns(values) >= FEWEST_TURNS
  ) {
    return {
      message: `The GPU is busy and idle by turns (${gpu.toFixed(0)} % on average): it probably waits for data between batches; ${fix}.`,
    };
  }
  return gpu >= FED_PERCENT ? 'clear' : undefined;
}

/** Changes between busy and idle, what is between them passed over. */
function turns(values: readonly number[]): number {
  const sides = values.filter((value) => value >= 70 || value <= 10).map((value) => value >= 70);
  return sides.filter((side, index) => index > 0 && side !== sides[index - 1]).length;
}

/** The clocks fall for seconds at every burst; a fifth of two minutes costs time. */
const HEAT_WINDOW_S = 120;
const HEAT_SHARE = 0.2;
const HEAT_CLEAR_SHARE = 0.05;
const HEAT = ['heat (software)', 'heat (hardware)', 'hardware slowdown'];

export function thermalThrottling(window: SampleWindow): State {
  const moments = window.last(HEAT_WINDOW_S);
  const shares = throttledShares(moments, HEAT);
  if (shares.length === 0) return undefined;
  const hot = shares.filter(({ share }) => share >= HEAT_SHARE);
  if (hot.length === 0) return shares.every(({ share }) => share < HEAT_CLEAR_SHARE) ? 'clear' : undefined;
  const { index, share, last } = hot[0]!;
  const degrees = last.temperatureCelsius === null ? '' : ` at ${last.temperatureCelsius} °C`;
  return {
    message: `GPU ${index} was slowed down by heat${degrees} in ${percent(share)} of the last 2 minutes: its cooling does not keep up with the load.`,
  };
}

/** A card under full load stands at its limit most of the time: to be known, and nothing to mend. */
const POWER_WINDOW_S = 300;
const POWER_SHARE = 0.5;
const POWER_CLEAR_SHARE = 0.1;

export function powerLimit(window: SampleWindow): State {
  const shares = throttledShares(window.last(POWER_WINDOW_S), ['power limit', 'power brake']);
  if (shares.length === 0) return undefined;
  const limited = shares.filter(({ share }) => share >= POWER_SHARE);
  if (limited.length === 0)
    return shares.every(({ share }) => share < POWER_CLEAR_SHARE) ? 'clear' : undefined;
  const { index, share, last } = limited[0]!;
  const watts = last.powerWatts === null ? '' : ` of about ${last.powerWatts.toFixed(0)} W`;
  return {
    message: `GPU ${index} ran at its power limit${watts} in ${percent(share)} of the last 5 minutes, as a fully used card does.`,
  };
}

/** What is left is soon less than one more batch. */
const GPU_MEMORY_SHARE = 0.95;
const GPU_MEMORY_CLEAR_SHARE = 0.9;

export function gpuMemory(gpus: readonly GpuSample[]): State {
  const shares = gpus.flatMap((gpu) => {
    return gpu.memoryUsedMiB === null || !gpu.memoryTotalMiB
      ? []
      : [{ gpu, share: gpu.memoryUsedMiB / gpu.memoryTotalMiB }];
  });
  if (shares.length === 0) return undefined;
  const fullest = shares.reduce((most, one) => (one.share > most.share ? one : most));
  if (fullest.share <= GPU_MEMORY_SHARE) return fullest.share < GPU_MEMORY_CLEAR_SHARE ? 'clear' : undefined;
  return {
    message: `The memory of GPU ${fullest.gpu.index} is ${percent(fullest.share)} full: a larger batch or a longer input may end the training (frameworks that reserve all memory at the start look the same).`,
  };
}

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** NaN of nothing. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function perGpu(
  moments: readonly MachineMoment[],
  pick: (gpu: GpuSample) => number | null,
): Map<number, number[]> {
  const values = new Map<number, number[]>();
  for (const { gpus } of moments) {
    for (const gpu of gpus) {
      const value = pick(gpu);
      if (value !== null) values.set(gpu.index, [...(values.get(gpu.index) ?? []), value]);
    }
  }
  return values;
}

function throttledShares(moments: readonly MachineMoment[], reasons: readonly string[]) {
  const found = new Map<number, { samples: number; throttled: number; last: GpuSample }>();
  for (const { gpus } of moments) {
    for (const gpu of gpus) {
      const one = found.get(gpu.index) ?? { samples: 0, throttled: 0, last: gpu };
      one.samples += 1;
      if (gpu.throttleReasons.some((reason) => reasons.includes(reason))) one.throttled += 1;
      one.last = gpu;
      found.set(gpu.index, one);
    }
  }
  return [...found].map(([index, { samples, throttled, last }]) => ({
    index,
    share: throttled / samples,
    last,
  }));
}

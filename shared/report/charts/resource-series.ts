/** The series of a run's use of the machine, in units that people read, with their limits. */
import type { TrainingRun } from '../../records/training-run.ts';

export interface MeasuredResource {
  name: string;
  unit: string;
  /** NaN where nothing is known. */
  values: number[];
  /** Of all samples and all GPUs; the series has means. */
  highest: number | undefined;
  limit: { name: string; value: number } | undefined;
  isOfGpus: boolean;
}

type Maybe = number | null | undefined;

/** Below this share of its limit a line would lie on the axis: then the limit is not drawn. */
const NEAR_LIMIT = 0.2;

/** Those of which anything is known. */
export function measuredResources({ resources, environment }: TrainingRun): MeasuredResource[] {
  const { series, gpus, cpuPercent, memoryBytes } = resources;
  const highestOf = (pick: (gpu: (typeof gpus)[number]) => { maximum: number } | null) =>
    gpus.reduce<Maybe>((most, gpu) => larger(most, pick(gpu)?.maximum), undefined);
  const ofMachine = (name: string, unit: string, values: readonly Maybe[] | undefined, highest: Maybe) => ({
    ...{ name, unit, values: (values ?? []).map((value) => value ?? Number.NaN) },
    ...{ highest: highest ?? undefined, limit: undefined, isOfGpus: false },
  });
  const memory = inBytes({
    ...ofMachine('Memory', 'B', series.memoryBytes, memoryBytes?.maximum),
    limit: { name: 'all', value: environment.memoryBytes },
  });
  const isNear = (memory.highest ?? 0) > memory.limit!.value * NEAR_LIMIT;
  const bytesOf = (mebibytes: Maybe) => (mebibytes == null ? mebibytes : mebibytes * 2 ** 20);
  const gpuMemory = ofMachine(
    'GPU memory',
    'B',
    series.gpuMemoryMiB.map(bytesOf),
    bytesOf(highestOf(({ memoryUsedMiB }) => memoryUsedMiB)),
  );
  const total = bytesOf(sameOf(environment.gpus.map(({ memoryTotalMiB }) => memoryTotalMiB)));
  const powerLimit = sameOf(gpus.map(({ powerLimitWatts }) => powerLimitWatts));
  const ofGpus: MeasuredResource[] = [
    ofMachine(
      'GPU utilisation',
      '%',
      series.gpuPercent,
      highestOf(({ utilisation }) => utilisation),
    ),
    inBytes({ ...gpuMemory, limit: total == null ? undefined : { name: 'all', value: total } }),
    {
      ...ofMachine(
        'GPU power',
        'W',
        series.gpuPowerWatts,
        highestOf(({ powerWatts }) => powerWatts),
      ),
      limit: powerLimit == null ? undefined : { name: 'limit', value: powerLimit },
    },
    ofMachine(
      'GPU temperature',
      '°C',
      series.gpuTemperatureCelsius,
      highestOf(({ temperatureCelsius }) => temperatureCelsius),
    ),
  ];
  return [
    ofMachine('Processor', '% of one core', series.cpuPercent, cpuPercent?.maximum),
    isNear ? memory : { ...memory, limit: undefined },
    ...ofGpus.map((resource) => ({ ...resource, isOfGpus: true })),
  ].filter(({ values }) => values.some(Number.isFinite));
}

function larger(first: Maybe, second: Maybe): Maybe {
  if (first == null || second == null) return first ?? second;
  return Math.max(first, second);
}

/** The limit that all GPUs have; undefined where they differ or one is not known. */
function sameOf(limits: readonly Maybe[]): number | undefined {
  const [first] = limits;
  return first != null && limits.every((limit) => limit === first) ? first : undefined;
}

/** Bytes in the unit of the highest value. */
function inBytes(resource: MeasuredResource): MeasuredResource {
  const { values, highest, limit } = resource;
  const most = Math.max(highest ?? 0, ...values.filter(Number.isFinite));
  const [unit, size] = most >= 1e9 ? (['GB', 1e9] as const) : (['MB', 1e6] as const);
  return {
    ...resource,
    unit,
    values: values.map((value) => value / size),
    highest: highest === undefined ? undefined : highest / size,
    limit: limit && { ...limit, value: limit.value / size },
  };
}

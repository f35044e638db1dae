/** The values that CloudWatch keeps, per series and minute. */

export const MINUTE = 60_000;

export interface MetricDimension {
  Name: string;
  Value: string;
}

/** Values of one minute: value to how often. A statistic set is kept beside them: it has no percentiles. */
export interface MetricBin {
  values: Map<number, number>;
  sets: { SampleCount: number; Sum: number; Minimum: number; Maximum: number }[];
}

/** By series, then by the start of the minute. */
export type MetricStore = Map<string, Map<number, MetricBin>>;

export const seriesKey = (namespace: string, name: string, dimensions: MetricDimension[] = []): string =>
  JSON.stringify([namespace, name, dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort()]);

/** The values of the minute in which `at` (milliseconds) lies, to add to. */
export function binOf(store: MetricStore, key: string, at: number): MetricBin {
  const minute = Math.floor(at / MINUTE) * MINUTE;
  let series = store.get(key);
  if (!series) {
    series = new Map();
    store.set(key, series);
  }
  let bin = series.get(minute);
  if (!bin) {
    bin = { values: new Map(), sets: [] };
    series.set(minute, bin);
  }
  return bin;
}

export function addValue({ values }: MetricBin, value: number, count = 1): void {
  values.set(value, (values.get(value) ?? 0) + count);
}

/** All values of a period that were visible at `now`; undefined where there are none. Milliseconds. */
export function periodBin(
  store: MetricStore,
  key: string,
  { start, end, visibleUntil }: { start: number; end: number; visibleUntil: number },
): MetricBin | undefined {
  const series = store.get(key);
  const whole: MetricBin = { values: new Map(), sets: [] };
  for (let minute = Math.floor(start / MINUTE) * MINUTE; minute < end; minute += MINUTE) {
    const bin = minute + MINUTE <= visibleUntil ? series?.get(minute) : undefined;
    for (const [value, count] of bin?.values ?? []) addValue(whole, value, count);
    whole.sets.push(...(bin?.sets ?? []));
  }
  return whole.values.size > 0 || whole.sets.length > 0 ? whole : undefined;
}

import type { LiveReport } from '../../../shared/github/live-check-run.ts';
import { blocks, type Inline, list, md, table } from '../../../shared/report/markdown.ts';
import { formatBytes, formatNumber } from '../../../shared/report/numbers.ts';
import { curvesTable } from './curves.ts';
import { progressLine } from './progress-line.ts';
import type { WatchState } from './watch-options.ts';

/** How a running training reads in its check run: where it is, its metrics as curves, the machine, warnings. */
export function liveReport(state: WatchState): LiveReport {
  const line = progressLine({ ...state, metrics: [], quiet: 0 });
  const parts: Inline[] = [
    md`Training: ${line}.${state.phase === '' ? '' : ` ${state.phase}.`} This shows how it goes about once a minute; the report takes its place at the end.`,
  ];
  if (state.warnings.length > 0) parts.push(list(state.warnings.map(({ message }) => `⚠️ ${message}`)));
  if (Object.keys(state.history).length > 0) parts.push(curvesTable(state.history));
  if (state.gpus.length > 0) parts.push(gpuTable(state));
  return { title: `training for ${line}`, summary: blocks(...parts) };
}

function gpuTable({ gpus }: WatchState): Inline {
  const unit = (value: number | null, sign: string) =>
    value === null ? '–' : `${formatNumber(value)} ${sign}`;
  const bytes = (mebibytes: number | null) => formatBytes(mebibytes === null ? null : mebibytes * 2 ** 20);
  return table(
    ['GPU', 'used', 'memory', 'power', 'temperature'],
    gpus.map((gpu) => [
      `${gpu.index}: ${gpu.name}`,
      unit(gpu.utilisation, '%'),
      `${bytes(gpu.memoryUsedMiB)} of ${bytes(gpu.memoryTotalMiB)}`,
      unit(gpu.powerWatts, 'W'),
      unit(gpu.temperatureCelsius, '°C'),
    ]),
    ['left', 'right', 'right', 'right', 'right'],
  );
}

import { formatNumber, plainNumber } from '../../../shared/report/numbers.ts';
import type { GpuSample } from './gpu-query.ts';

/** Metrics of one line, the most telling first. */
const MOST_METRICS = 3;
const MOST_GPUS = 4;

export interface ProgressFacts {
  seconds: number;
  step: number | null;
  /** Latest values, with that of the line before; the monitored metric first. */
  metrics: readonly { name: string; value: number; before: number | undefined }[];
  gpus: readonly GpuSample[];
  /** Percent of one core. */
  cpuPercent: number | null;
  /** Seconds since the last line of output. */
  quiet: number;
}

/** A command that prints nothing for this long is remarked on. */
const QUIET_S = 60;

/** `12 min · step 1,400 · loss 0.213 ↓ · GPU 0 94 %, 31 of 80 GiB` */
export function progressLine(facts: ProgressFacts): string {
  const parts = [minutes(facts.seconds)];
  if (facts.step !== null)
    parts.push(`step ${formatNumber(facts.step, Number.isInteger(facts.step) ? 0 : 2)}`);
  for (const { name, value, before } of facts.metrics.slice(0, MOST_METRICS)) {
    parts.push(`${name} ${shortNumber(value)}${direction(value, before)}`);
  }
  for (const gpu of facts.gpus.slice(0, MOST_GPUS)) parts.push(gpuPart(gpu));
  if (facts.gpus.length > MOST_GPUS) parts.push(`and ${facts.gpus.length - MOST_GPUS} more GPUs`);
  if (facts.gpus.length === 0 && facts.cpuPercent !== null)
    parts.push(`CPU ${formatNumber(facts.cpuPercent)} %`);
  if (facts.quiet >= QUIET_S) parts.push(`nothing printed for ${minutes(facts.quiet)}`);
  return parts.join(' · ');
}

function gpuPart(gpu: GpuSample): string {
  const use = gpu.utilisation === null ? [] : [`${formatNumber(gpu.utilisation)} %`];
  const gibibytes = (mebibytes: number) => formatNumber(mebibytes / 1024);
  const memory =
    gpu.memoryUsedMiB === null || gpu.memoryTotalMiB === null
      ? []
      : [`${gibibytes(gpu.memoryUsedMiB)} of ${gibibytes(gpu.memoryTotalMiB)} GiB`];
  return `GPU ${gpu.index} ${[...use, ...memory].join(', ') || '–'}`;
}

function direction(value: number, before: number | undefined): string {
  if (before === undefined || !Number.isFinite(value) || !Number.isFinite(before)) return '';
  if (value === before) return ' →';
  return value < before ? ' ↓' : ' ↑';
}

/** Three significant digits, and whole numbers whole. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) return value.toExponential(2).replace('-', '−');
  return plainNumber(magnitude >= 1000 ? Math.round(value) : value, magnitude >= 1000 ? 7 : 3);
}

function minutes(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const whole = Math.floor(seconds / 60);
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

/** What a watch is given, and what it tells. */
import type { EarlyStopRules, StoppedBy } from '../../../shared/records/stop-rules.ts';
import type {
  Energy,
  MetricHistory,
  Resources,
  TrainingWarning,
} from '../../../shared/records/training-run.ts';
import type { GpuSample } from './gpu-query.ts';
import type { KeptHistory } from './history.ts';
import type { Disk, Space } from './machine-space.ts';
import type { MetricDefinition } from './metric-definitions.ts';

export interface WatchOptions {
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  metricDefinitions?: readonly MetricDefinition[];
  earlyStop?: EarlyStopRules;
  stallTimeoutMs?: number;
  /** Output, to be passed on: one line, or several at once with line breaks between. */
  onLine: (text: string) => void;
  /** A line for people on how it goes: once a minute, and of each phase. */
  onProgress: (line: string) => void;
  /** Told of each warning once; those of `power-limit` are only information. */
  onWarning: (warning: TrainingWarning) => void;
  /** Told of each metric of each step. */
  onPoint?: (point: { name: string; step: number; value: number }) => void;
  /** Of an earlier attempt whose checkpoint this one goes on from. */
  history?: KeptHistory | undefined;
  /** Folders that the training writes to, whose disks are watched. Empty where it runs elsewhere. */
  folders?: readonly string[];
  /** Memory and disks; by default of this machine. Undefined where the training runs elsewhere. */
  space?: (() => { memory: Space | undefined; disks: readonly Disk[] }) | undefined;
  /** Cores that the training may use. */
  cores?: number;
}

/** What a report of a running training shows. */
export interface WatchState {
  seconds: number;
  step: number | null;
  phase: string;
  history: MetricHistory;
  warnings: readonly TrainingWarning[];
  gpus: readonly GpuSample[];
  cpuPercent: number | null;
  memoryBytes: number | null;
}

export interface WatchResults {
  tail: string[];
  history: MetricHistory;
  warnings: TrainingWarning[];
  stoppedBy: StoppedBy | null;
  resources: Resources;
  energy: Energy | null;
}

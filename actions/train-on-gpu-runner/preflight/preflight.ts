/**
 * Refusing in seconds what would fail after hours: everything that a training needs and that can be known before it
 * starts. All that is missing is listed at once.
 */
import { stat } from 'node:fs/promises';
import { UserError } from '../../../shared/errors.ts';
import { formatBytes, formatNumber } from '../../../shared/report/numbers.ts';
import type { GpuAnswer } from '../watch/gpu-query.ts';
import { type Disk, disksOf, memoryLimit } from '../watch/machine-space.ts';
import { driverCudaVersion } from './cuda-version.ts';
import { gpuProblem } from './gpu-preflight.ts';
import type { MigGpu } from './mig.ts';
import { remainingLife } from './remaining-life.ts';
import { isInRange, type Requirements, type VersionRange } from './requirements.ts';
import { type CudaDevice, seenByOneProcess, visibleGpus } from './visible-gpus.ts';

export interface PreflightOptions {
  requires: Requirements;
  requireGpu: boolean;
  gpus: GpuAnswer;
  /** Of them those in MIG mode. */
  mig?: readonly MigGpu[];
  /** The environment of the command. */
  env: NodeJS.ProcessEnv;
  /** Of the interpreter that the command would find; null where there is none. */
  python: () => Promise<string | null>;
  /** Folders that will be written: model, checkpoints. */
  folders: readonly string[];
  /** Files of the data. */
  data: readonly { path: string }[];
  expectedTimeMs: number | undefined;
  now: Date;
  usesAws: boolean;
  /** Of the machine; other ones in tests. */
  root?: string;
  cuda?: () => Promise<string | undefined>;
  disks?: (folders: readonly string[]) => Disk[];
}

interface Problem {
  what: string;
  fix: string;
  key: string;
}

/** @returns what should be known and need not stop it. @throws UserError that lists all that is missing. */
export async function preflight(options: PreflightOptions): Promise<string[]> {
  const life =
    options.expectedTimeMs === undefined
      ? { problems: [], warnings: [] }
      : remainingLife({ ...options, expectedSeconds: options.expectedTimeMs / 1000 });
  const gpus = await checkGpus(options);
  const problems = [
    ...gpus.problems,
    ...(await machineProblems(options)),
    ...(await dataProblems(options.data)),
    ...life.problems.map((problem) => ({ ...problem, key: 'expected-time' })),
  ];
  if (problems.length === 0) return [...gpus.warnings, ...life.warnings];
  const [first] = problems;
  if (problems.length === 1) {
    throw new UserError(`The training cannot start: ${first!.what}.`, {
      where: { key: first!.key },
      fix: first!.fix,
    });
  }
  const lines = problems.map(({ what, key }) => `- ${what} (${key})`);
  throw new UserError(`The training cannot start, for ${problems.length} reasons:\n${lines.join('\n')}`, {
    where: { key: first!.key },
    fix: [...new Set(problems.map(({ fix }) => fix))].join(' '),
  });
}

interface Checked {
  problems: Problem[];
  warnings: string[];
}

async function checkGpus(options: PreflightOptions): Promise<Checked> {
  const { requires, requireGpu, env, mig } = options;
  const memory = requires['gpu-memory'];
  const wanted = requires.gpus ?? (memory !== undefined || requires.driver || requires.cuda ? 1 : 0);
  if (!requireGpu && wanted === 0) return { problems: [], warnings: [] };
  const none = gpuProblem(options.gpus, { env, mig, root: options.root });
  const key = requireGpu ? 'require-gpu' : 'requires.gpus';
  if (none)
    return {
      problems: [{ what: `a GPU is required, but ${none.reason}`, fix: none.fix, key }],
      warnings: [],
    };
  const all = 'samples' in options.gpus ? options.gpus.samples : [];
  const { gpus, hiddenBy } = visibleGpus(all, env, mig);
  const problems: Problem[] = [];
  if (gpus.length < wanted) {
    const hidden = hiddenBy && gpus.length < all.length ? `, since ${hiddenBy}` : '';
    problems.push({
      what: `${formatNumber(wanted)} GPUs are required, but the command would see ${gpus.length}${hidden}`,
      fix: 'Use a machine with more GPUs, or ask for fewer.',
      key: 'requires.gpus',
    });
  }
  if (memory !== undefined) problems.push(...memoryProblems(gpus, memory));
  if (requires.driver) {
    const text = gpus[0]!.driverVersion;
    problems.push(
      ...versionProblem('the NVIDIA driver', 'driver', text, requires.driver, 'Install a driver'),
    );
  }
  if (requires.cuda) {
    const version = await (options.cuda ?? (() => driverCudaVersion(env)))();
    const what = 'the newest CUDA that the driver supports';
    problems.push(...versionProblem(what, 'cuda', version ?? '', requires.cuda, 'Install a driver'));
  }
  const seen = seenByOneProcess(gpus);
  const warning = `Of the ${gpus.length} GPUs and slices (MIG) a process of driver ${gpus[0]!.driverVersion} sees ${seen} at once: the command must start one for each, with a CUDA_VISIBLE_DEVICES of its own.`;
  return { problems, warnings: seen < Math.min(wanted, gpus.length) ? [warning] : [] };
}

function memoryProblems(gpus: readonly CudaDevice[], wanted: number): Problem[] {
  const small = gpus.filter((gpu) => (gpu.memoryTotalMiB ?? 0) * 2 ** 20 < wanted);
  if (small.length === 0) return [];
  const { index, name, memoryTotalMiB, slice } = small[0]!;
  const has =
    memoryTotalMiB === null ? 'does not tell its memory' : `has ${gibibytes(memoryTotalMiB * 2 ** 20)}`;
  const more = small.length > 1 ? ` (and ${small.length - 1} more)` : '';
  return [
    {
      what: `${gibibytes(wanted)} of memory are required on each GPU, but GPU ${index} (${name})${more} ${has}`,
      fix:
        memoryTotalMiB === null
          ? 'Leave gpu-memory out for such a card.'
          : slice !== undefined
            ? 'Name a larger slice in CUDA_VISIBLE_DEVICES (nvidia-smi -L lists them), or ask for less.'
            : 'A card never has quite the memory of its name (an "80 GB" H100 has 79.6 GiB): ask for a little less, or use a larger card.',
      key: 'requires.gpu-memory',
    },
  ];
}

const gibibytes = (bytes: number): string => `${formatNumber(bytes / 2 ** 30, 1)} GiB`;

function versionProblem(
  what: string,
  key: string,
  found: string,
  range: VersionRange,
  fix: string,
): Problem[] {
  const fits = isInRange(found, range);
  if (fits) return [];
  const is = fits === undefined ? 'is not known' : `is ${found}`;
  return [
    {
      what: `${what} ${is}, but ${range.text} is required`,
      fix: `${fix} that fits.`,
      key: `requires.${key}`,
    },
  ];
}

async function machineProblems(options: PreflightOptions): Promise<Problem[]> {
  const { requires } = options;
  const problems: Problem[] = [];
  const memory = memoryLimit(options.root);
  if (requires.memory !== undefined && memory < requires.memory) {
    problems.push({
      what: `${gibibytes(requires.memory)} of memory are required, but this machine or container has ${gibibytes(memory)}`,
      fix: 'Use a larger machine, or raise the memory limit of the container.',
      key: 'requires.memory',
    });
  }
  if (requires.disk !== undefined) {
    for (const disk of (options.disks ?? disksOf)(options.folders)) {
      if (disk.freeBytes >= requires.disk) continue;
      problems.push({
        what: `${formatBytes(requires.disk)} of disk are required, but ${formatBytes(disk.freeBytes)} are free for ${disk.folder}`,
        fix: 'Free some space, or write to a larger disk.',
        key: 'requires.disk',
      });
    }
  }
  if (requires.python) {
    const version = await options.python();
    problems.push(...versionProblem('Python', 'python', version ?? '', requires.python, 'Set up a Python'));
  }
  return problems;
}

async function dataProblems(data: PreflightOptions['data']): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { path } of data) {
    const found = await stat(path).catch(() => undefined);
    const what = !found
      ? `the data file ${path} is not there`
      : found.size === 0
        ? `the data file ${path} is empty`
        : '';
    if (what)
      problems.push({ what, fix: 'Check the input data and the step that makes the file.', key: 'data' });
  }
  return problems;
}

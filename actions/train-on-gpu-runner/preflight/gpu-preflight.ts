import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../shared/errors.ts';
import type { GpuAnswer, GpuSample } from '../watch/gpu-query.ts';
import type { MigGpu } from './mig.ts';
import { visibleGpus } from './visible-gpus.ts';

/** Finding out before an hour of training whether there is a GPU that works, and if not, why not. */

const NVIDIA_VENDOR = '0x10de';
/** PCI class 03: display controllers, which GPUs without a display are too. */
const DISPLAY_CLASS = /^0x03/;

export interface GpuProblem {
  /** One sentence. */
  reason: string;
  fix: string;
}

/**
 * Why no GPU can be used; undefined when one can.
 * @param answer what nvidia-smi said. @param options.env of the command, which may hide GPUs from it.
 * @param options.mig GPUs in MIG mode. @param options.root the root of the file system, another one in tests.
 */
export function gpuProblem(
  answer: GpuAnswer,
  { env = {}, mig, root = '/' }: { env?: NodeJS.ProcessEnv; mig?: readonly MigGpu[]; root?: string } = {},
): GpuProblem | undefined {
  if ('samples' in answer && answer.samples.length > 0) {
    const { gpus, hiddenBy } = visibleGpus(answer.samples, env, mig);
    if (gpus.length > 0) return undefined;
    const bare = mig?.filter(({ slices }) => slices.length === 0) ?? [];
    if (bare.length === answer.samples.length) {
      const [{ index }] = bare as [MigGpu];
      return {
        reason: `GPU ${index} is in MIG mode and has no slice, so that CUDA finds no device on it`,
        fix: `Make slices (nvidia-smi mig -cgi PROFILE -C), or leave the mode (nvidia-smi -i ${index} -mig 0).`,
      };
    }
    return {
      reason: `the command would see none of the ${answer.samples.length} that are there, since ${hiddenBy}`,
      fix: 'Leave the variable away, or name a GPU that is there.',
    };
  }
  const devices = nvidiaDevices(root);
  const loaded = existsSync(join(root, 'proc/driver/nvidia/version'));
  const container = existsSync(join(root, '.dockerenv')) || existsSync(join(root, 'run/.containerenv'));
  const count = `${devices} NVIDIA ${devices === 1 ? 'device' : 'devices'}`;

  if ('samples' in answer) {
    return {
      reason: 'nvidia-smi works but sees no GPU',
      fix: container
        ? 'Start the container with --gpus all.'
        : 'Check NVIDIA_VISIBLE_DEVICES and the MIG settings.',
    };
  }
  if (answer.problem !== 'no-tool') {
    return {
      reason: `the NVIDIA driver does not answer: ${answer.message}`,
      fix: loaded
        ? 'The driver and its tools differ in version or the device has failed: restart the machine.'
        : 'Load or install the driver that fits the running kernel (after a kernel update it is built again).',
    };
  }
  if (devices > 0 && container && loaded) {
    return {
      reason: `the machine has ${count} and a driver, but this container was not given them`,
      fix: 'Start the container with --gpus all (in a workflow: container.options: --gpus all).',
    };
  }
  if (devices > 0) {
    return {
      reason: `the machine has ${count} but no driver: ${answer.message}`,
      fix: 'Install the NVIDIA driver, or use a machine image that contains it.',
    };
  }
  return {
    reason: 'this machine has no NVIDIA device',
    fix: 'Let the job run on a GPU runner: name its label in runs-on.',
  };
}

/** @throws UserError with the reason when no GPU can be used. */
export function requireGpu(
  answer: GpuAnswer,
  options: { env?: NodeJS.ProcessEnv; root?: string } = {},
): GpuSample[] {
  const problem = gpuProblem(answer, options);
  if (problem) {
    throw new UserError(`A GPU is required, but ${problem.reason}.`, {
      where: { key: 'require-gpu' },
      fix: problem.fix,
    });
  }
  return 'samples' in answer ? answer.samples : [];
}

function nvidiaDevices(root: string): number {
  const folder = join(root, 'sys/bus/pci/devices');
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).filter((device) => {
    const read = (file: string) => {
      const path = join(folder, device, file);
      return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
    };
    return read('vendor') === NVIDIA_VENDOR && DISPLAY_CLASS.test(read('class'));
  }).length;
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GpuAnswer } from '../watch/gpu-query.ts';
import { gpuProblem, requireGpu } from './gpu-preflight.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function machine(files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}
const GPU = {
  'sys/bus/pci/devices/0000:00:1e.0/vendor': '0x10de\n',
  'sys/bus/pci/devices/0000:00:1e.0/class': '0x030200\n',
};
// NVIDIA also makes network cards and the sound devices of its graphics cards.
const NO_GPU = {
  'sys/bus/pci/devices/0000:00:1f.0/vendor': '0x10de\n',
  'sys/bus/pci/devices/0000:00:1f.0/class': '0x040300\n',
  'sys/bus/pci/devices/0000:00:02.0/vendor': '0x8086\n',
  'sys/bus/pci/devices/0000:00:02.0/class': '0x030000\n',
};
const DRIVER = {
  'proc/driver/nvidia/version': 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.90.07\n',
};
const noTool: GpuAnswer = { problem: 'no-tool', message: 'nvidia-smi is not installed' };

describe('gpuProblem', () => {
  test('no device', () => {
    expect(gpuProblem(noTool, { root: machine(NO_GPU) })).toMatchObject({
      reason: 'this machine has no NVIDIA device',
      fix: expect.stringContaining('runs-on'),
    });
  });

  test('a device without a driver', () => {
    expect(gpuProblem(noTool, { root: machine({ ...GPU, ...NO_GPU }) })?.reason).toBe(
      'the machine has 1 NVIDIA device but no driver: nvidia-smi is not installed',
    );
  });

  test('a container that was not given the GPU', () => {
    expect(gpuProblem(noTool, { root: machine({ ...GPU, ...DRIVER, '.dockerenv': '' }) })).toMatchObject({
      reason: expect.stringContaining('this container was not given them'),
      fix: expect.stringContaining('--gpus all'),
    });
  });

  test('a driver that does not answer', () => {
    const answer: GpuAnswer = { problem: 'failed', message: 'Driver/library version mismatch' };
    expect(gpuProblem(answer, { root: machine({ ...GPU, ...DRIVER }) })).toMatchObject({
      reason: 'the NVIDIA driver does not answer: Driver/library version mismatch',
      fix: expect.stringContaining('restart'),
    });
    expect(gpuProblem(answer, { root: mkdtempSync(join(root, 'other-')) })?.fix).toContain(
      'install the driver',
    );
  });

  test('a driver that sees nothing', () => {
    expect(gpuProblem({ samples: [] }, { root })?.reason).toBe('nvidia-smi works but sees no GPU');
  });
});

test('requireGpu says what is required and why it is not there', () => {
  expect(() => requireGpu(noTool, { root })).toThrow(
    'A GPU is required, but this machine has no NVIDIA device.',
  );
});

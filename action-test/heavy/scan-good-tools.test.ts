/** What XGBoost, LightGBM, CatBoost, skl2onnx, safetensors, PyTorch, Keras and TensorFlow save passes the safety scan. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scanFolder } from '../scan/scan-folder.ts';
import { installedTool } from './tool.ts';

const MAKE_MILLISECONDS = 540_000;
const TOOLS = [
  ['boosters', 'MLOPS_TEST_SCAN_BOOSTERS', 90],
  ['torch', 'MLOPS_TEST_TORCH', 330],
  ['keras', 'MLOPS_TEST_KERAS', 12],
  ['tensorflow', 'MLOPS_TEST_SCAN_RIVALS', 25],
] as const;

describe.each(TOOLS)('%s', (tools, variable, files) => {
  const python = installedTool(variable);
  test.skipIf(python === undefined)('save nothing in which anything is found', async () => {
    const folder = mkdtempSync(join(tmpdir(), `good-${tools}-`));
    try {
      const program = join(import.meta.dirname, 'scan_good_tools.py');
      const env = {
        ...process.env,
        // Each of their environments has one of these alone.
        KERAS_BACKEND: tools === 'tensorflow' ? 'tensorflow' : 'jax',
        CUDA_VISIBLE_DEVICES: '',
        PYTHONDONTWRITEBYTECODE: '1',
      };
      execFileSync(python!, [program, tools, folder], { env, stdio: 'pipe', timeout: MAKE_MILLISECONDS });
      const result = await scanFolder(folder);
      expect(result.files).toBeGreaterThanOrEqual(files);
      const errors = result.findings.filter(({ level }) => level !== 'note');
      expect(errors.map(({ file, members, what }) => [file, ...members, what].join(' · '))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** The layers, optimizers and kinds of numbers that the safety scan lets through are those that PyTorch has. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TORCH } from '../../shared/models/scan/pickle/allow/torch.ts';
import { TORCH_OBJECTS } from '../../shared/models/scan/pickle/allow/torch-objects.ts';
import { installedTool } from './tool.ts';

/** See torch-objects.ts for the reasons; `Container` and the rest of `torch` have no use in a saved model. */
const LEFT_OUT =
  /^(?:torch\.nn\.modules\.\w+ (?:Lazy\w+|Container|ParameterDict)|torch (?:_mkldnn|bit|cdouble|cfloat|chalf))$/;

const python = installedTool('MLOPS_TEST_TORCH');

describe.skipIf(python === undefined)('PyTorch', () => {
  test('has no layer, optimizer or kind of numbers that is not on the list', () => {
    const program = join(import.meta.dirname, 'torch_names.py');
    const installed: Record<string, string[]> = JSON.parse(
      execFileSync(python!, [program], { stdio: 'pipe' }).toString(),
    );
    const listed: Record<string, string> = { ...TORCH_OBJECTS, torch: TORCH.torch };
    const all = Object.entries(installed).flatMap(([module, names]) =>
      names.map((name) => `${module} ${name}`),
    );
    expect(all.length).toBeGreaterThan(200);
    const missing = all.filter((one) => {
      const [module, name] = one.split(' ') as [string, string];
      return !LEFT_OUT.test(one) && !listed[module]?.split(' ').includes(name);
    });
    expect(missing).toEqual([]);
  });
});

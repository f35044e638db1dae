import type { ScanInput } from '../scan-input.ts';

const PICKLES =
  /^(?:(?:data|constants|traced_inputs|bytecode|mobile_debug_handles)\.pkl|code\/.*\.debug_pkl)$/;

/**
 * What the members of a zip are, where it is one that `torch.save` or `torch.jit.save` wrote: all below one folder,
 * `data.pkl` beside `version` or storages (torch/csrc/jit/serialization, "PyTorch zip format").
 * @param names of all members. @returns the role of a member by its name; undefined where it has none.
 */
export function torchRoles(names: readonly string[]): (name: string) => ScanInput['role'] {
  const all = new Set(names);
  const folders = names
    .filter((name) => name.endsWith('/data.pkl') || name === 'data.pkl')
    .map((name) => name.slice(0, -'data.pkl'.length))
    .filter((folder) =>
      ['version', 'byteorder', '.data/serialization_id', 'constants.pkl', 'data/0'].some((name) =>
        all.has(folder + name),
      ),
    );
  return (name) => {
    const folder = folders.find((one) => name.startsWith(one));
    if (folder === undefined) return undefined;
    const rest = name.slice(folder.length);
    if (PICKLES.test(rest)) return 'pickle';
    return /^(data|constants|tensors)\/[^/]+$/.test(rest) ? 'numbers' : undefined;
  };
}

/**
 * Whether an archive is one of `torch.package`, whose loader takes what its pickles import from Python files in the archive
 * first, and only then from what is installed: harmless names say nothing there.
 * @param names of all members.
 */
export const isTorchPackage = (names: readonly string[]): boolean =>
  names.some((name) => /(?:^|\/)\.data\/extern_modules$/.test(name));

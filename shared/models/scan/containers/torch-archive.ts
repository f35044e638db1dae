import type { ScanInput } from '../scan-input.ts';

const PICKLES =
  /^(?:(?:data|constants|traced_inputs|bytecode|mobile_debug_handles)\.pkl|code\/.*\.debug_pkl)$/;

/**
 * What the members of a zip are, where it is one that `torch.save`, `torch.jit.save` or `torch.export.save` wrote: all below
 * one folder, `data.pkl` beside `version` or storages (torch/csrc/jit/serialization, "PyTorch zip format"), or
 * `archive_format`.
 * @param names of all members. @returns the role of a member by its name; undefined where it has none.
 */
export function torchRoles(names: readonly string[]): (name: string) => ScanInput['role'] {
  const all = new Set(names);
  const programs = names
    .filter((name) => /\/archive_format$/i.test(name))
    .map((name) => name.slice(0, -'archive_format'.length));
  const folders = names
    .filter((name) => name.endsWith('/data.pkl') || name === 'data.pkl')
    .map((name) => name.slice(0, -'data.pkl'.length))
    .filter((folder) =>
      ['version', 'byteorder', '.data/serialization_id', 'constants.pkl', 'data/0'].some((name) =>
        all.has(folder + name),
      ),
    );
  return (name) => {
    const inProgram = programs.filter((one) => name.startsWith(one)).map((one) => name.slice(one.length));
    // Every member there is read as JSON, whatever lies beside it.
    if (inProgram.some((rest) => /^models\//i.test(rest))) return undefined;
    const role = inProgram.map(roleInProgram).find((one) => one !== undefined);
    if (role !== undefined) return role;
    const folder = folders.find((one) => name.startsWith(one));
    if (folder === undefined) return undefined;
    const rest = name.slice(folder.length);
    if (PICKLES.test(rest)) return 'pickle';
    return /^(data|constants|tensors)\/[^/]+$/.test(rest) ? 'numbers' : undefined;
  };
}

/**
 * In a .pt2 file, which `torch.export.save` writes: each tensor by itself, as bare numbers or as `torch.save` writes one, and
 * objects of Python (torch/csrc/export/pt2_archive_constants.h, torch/export/pt2_archive/_package.py). PyTorch finds members
 * in letters of either case.
 */
function roleInProgram(name: string): ScanInput['role'] {
  if (/^data\/constants\/opaque_obj_/i.test(name)) return 'pickle';
  return /^data\/(?:weights\/weight|constants\/tensor)_\d+$/i.test(name) ? 'saved-numbers' : undefined;
}

/**
 * Whether an archive is one of `torch.package`, whose loader takes what its pickles import from Python files in the archive
 * first, and only then from what is installed: harmless names say nothing there.
 * @param names of all members.
 */
export const isTorchPackage = (names: readonly string[]): boolean =>
  names.some((name) => /(?:^|\/)\.data\/extern_modules$/.test(name));

/** The licence texts of every package whose code is in the bundles. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './bundle.ts';

/** Folders of packages that put at least one byte into an output. */
function bundledPackages(metafile: Metafile): string[] {
  const folders = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (folder && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

/** Each text once, below the packages that it belongs to; one that ships no licence file is named with what it declares. */
export async function licenseTexts(metafile: Metafile): Promise<string> {
  const packagesOf = new Map<string, string[]>();
  for (const folder of bundledPackages(metafile)) {
    const path = join(root, folder);
    const about = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license?: string;
    };
    const file = (await readdir(path)).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file
      ? (await readFile(join(path, file), 'utf8')).trim()
      : `The package ships no licence text; its package.json declares: ${about.license ?? 'nothing'}.`;
    packagesOf.set(text, [...(packagesOf.get(text) ?? []), `${about.name} ${about.version}`]);
  }
  const parts = [...packagesOf].map(
    ([text, packages]) => `${packages.join('\n')}\n${'-'.repeat(60)}\n${text}\n`,
  );
  return `Code of these packages is part of the bundles in this folder.\n\n${parts.join('\n\n')}`;
}

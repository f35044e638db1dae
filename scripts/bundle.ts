/** How the committed bundles are made: one ESM build with shared chunks for every entry of every action. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Metafile, type Plugin } from 'esbuild';
import { ACTION_IDS } from '../shared/records/envelope.ts';

/** Files of an action's folder that are started on their own, where the folder has them. */
const ENTRY_FILES = ['index.ts', 'post.ts', 'router.ts'];

export const root = join(import.meta.dirname, '..');

/** @returns pairs such as {in: 'actions/validate-data/index.ts', out: 'validate-data/index'}. */
export async function entryPoints(): Promise<{ in: string; out: string }[]> {
  const entries = await Promise.all(
    ACTION_IDS.map(async (id) => {
      const files = await readdir(join(root, 'actions', id));
      return ENTRY_FILES.filter((file) => files.includes(file)).map((file) => ({
        in: `actions/${id}/${file}`,
        out: `${id}/${file.replace(/\.ts$/, '')}`,
      }));
    }),
  );
  return [...entries.flat(), { in: 'cli/index.ts', out: 'cli/index' }];
}

/**
 * `@actions/core` loads a whole HTTP client for one function that no action of ours calls; without it an action
 * starts in half the time.
 */
const withoutOidc: Plugin = {
  name: 'without-oidc',
  setup(build) {
    build.onLoad({ filter: /@actions[\\/]core[\\/]lib[\\/]oidc-utils\.js$/ }, () => ({
      contents:
        "export const OidcClient = { getIDToken() { throw new Error('OpenID tokens are not built in'); } };",
      loader: 'js',
    }));
  },
};

/**
 * Builds everything.
 * @param write false keeps the output in memory, for tests.
 */
export async function bundle(write: boolean): Promise<BuildResult & { metafile: Metafile }> {
  const options: BuildOptions & { metafile: true } = {
    absWorkingDir: root,
    entryPoints: await entryPoints(),
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    // Not identifiers: stack traces of bugs are read by people.
    legalComments: 'none',
    metafile: true,
    write,
    logLevel: 'error',
    plugins: [withoutOidc],
    alias: {
      // The engine's binary is fetched at run time and loaded from a path of ours.
      '@duckdb/node-bindings': './shared/data/engine-bindings.cjs',
      // For Node it is CommonJS, whose names a bundled import() does not see; this is the same as ES modules.
      yaml: './node_modules/yaml/browser/index.js',
    },
    // Bundled CommonJS calls require() for Node's own modules, which ESM has not.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  };
  return build(options);
}

/** Bytes of an output and of all that it imports statically, directly or not. */
export function staticClosureBytes(metafile: Metafile, output: string): number {
  const seen = new Set<string>();
  const visit = (file: string) => {
    const found = metafile.outputs[file];
    if (!found || seen.has(file)) return;
    seen.add(file);
    for (const imported of found.imports) if (imported.kind === 'import-statement') visit(imported.path);
  };
  visit(output);
  return [...seen].reduce((sum, file) => sum + metafile.outputs[file]!.bytes, 0);
}

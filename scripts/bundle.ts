/** How the committed bundles are made: one ESM build with shared chunks for every entry of every action. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin, transform } from 'esbuild';
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

export interface Bundle {
  /** With the sizes before {@link shorten}. */
  metafile: Metafile;
  /** By its path from the root, as in `dist/cli/index.mjs`. */
  files: Map<string, string>;
}

/** Of an output that is so much of other people's code nobody reads a stack trace of ours. */
const SHARE_OF_PACKAGES = 0.95;

/**
 * Builds everything.
 * @param write false keeps the output in memory, for tests.
 */
export async function bundle(write: boolean): Promise<Bundle> {
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
    // ES modules before CommonJS: only what is used of them is taken along, half a megabyte less of AWS clients alone.
    mainFields: ['module', 'main'],
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    // Not identifiers: stack traces of bugs are read by people.
    legalComments: 'none',
    metafile: true,
    write: false,
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
  const { metafile, outputFiles = [] } = await build(options);
  const files = new Map<string, string>();
  for (const { path, text } of outputFiles) {
    const file = relative(root, path).replaceAll('\\', '/');
    files.set(file, isOfPackages(metafile, file) ? await shorten(text) : text);
  }
  if (write) await Promise.all([...files].map(([file, text]) => writeOutput(join(root, file), text)));
  return { metafile, files };
}

function isOfPackages(metafile: Metafile, output: string): boolean {
  const inputs = Object.entries(metafile.outputs[output]?.inputs ?? {});
  const sum = (entries: typeof inputs) => entries.reduce((bytes, [, one]) => bytes + one.bytesInOutput, 0);
  const ofPackages = inputs.filter(([file]) => file.startsWith('node_modules/'));
  return sum(ofPackages) > SHARE_OF_PACKAGES * sum(inputs);
}

/** Shortens identifiers too. Names of functions and classes stay: some packages look at them. */
async function shorten(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    keepNames: true,
    legalComments: 'none',
  });
  return code;
}

async function writeOutput(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
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

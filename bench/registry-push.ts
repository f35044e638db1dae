/**
 * A large model pushed to docker-registry on this machine: by the registry adapter, bundled and as a process of its own,
 * beside `oras push` and `skopeo copy` of the same bytes. Each push goes to a server of its own, empty at the start.
 */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { missingPrograms, startDockerRegistry } from '../action-test/peers/oci-servers.ts';
import { openRegistry, parseRegistry } from '../shared/registries/registry.ts';
import type { Benchmark } from './measure.ts';
import { medianOf } from './run-action.ts';

const FILES = 8;
const FILE_BYTES = 512 * 1024 * 1024;
const PIECE_BYTES = 16 * 1024 * 1024;
const ROUNDS = 3;
const LIMITS = { times: 1.3, bytes: 200e6, againSeconds: 1 };

interface Own {
  hashSeconds: number;
  pushSeconds: number;
  bytes: number;
  /** Uploads that were begun. */
  uploads: number;
}

export async function benchmark(): Promise<Benchmark> {
  const oras = process.env.MLOPS_TEST_ORAS;
  const missing = missingPrograms(['docker-registry', 'skopeo', oras]);
  if (!oras || missing.length > 0) {
    return {
      title: 'Push to a registry',
      table: `Not measured: ${missing.join(', ')} is not there.`,
      withinLimit: false,
    };
  }
  // Not in a folder that may lie in memory.
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'bench-registry-push-'));
  try {
    return await measure(folder, oras);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, oras: string): Promise<Benchmark> {
  const model = join(folder, 'model');
  await makeModel(model);
  const child = join(folder, 'child/registry-push-child.mjs');
  // As the actions are bundled: what is imported where it is used is loaded only then.
  await build({
    entryPoints: [join(import.meta.dirname, 'registry-push-child.ts')],
    outdir: join(folder, 'child'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
  });
  const layout = await openRegistry(parseRegistry(`oci-layout:${join(folder, 'layout')}`, 'model'), {
    env: {},
  });
  await layout.moveAlias('bench', { to: (await layout.pushModel(model)).digest });
  const files = await readdir(model);
  const times: Record<string, number[]> = { ours: [], oras: [], skopeo: [] };
  const firsts: Own[] = [];
  const agains: Own[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await withServer(folder, (host) => {
      const run = (): Own =>
        JSON.parse(timed(process.execPath, [child, `oci://${host}/bench`, model], folder).output);
      const begin = performance.now();
      firsts.push(run());
      times.ours!.push((performance.now() - begin) / 1000);
      agains.push(run());
    });
    await withServer(folder, (host) => {
      const words = [
        'push',
        '--plain-http',
        '--artifact-type',
        'application/vnd.bench',
        `${host}/bench/model:bench`,
      ];
      times.oras!.push(timed(oras, [...words, ...files], model).seconds);
    });
    await withServer(folder, (host) => {
      const words = ['--insecure-policy', 'copy', '--dest-tls-verify=false'];
      const source = `oci:${join(folder, 'layout/model')}:bench`;
      times.skopeo!.push(
        timed('skopeo', [...words, source, `docker://${host}/bench/model:bench`], folder).seconds,
      );
    });
  }
  return describe(times, firsts, agains);
}

async function makeModel(folder: string): Promise<void> {
  await mkdir(folder);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let file = 0; file < FILES; file++) {
    const handle = await open(join(folder, `weights-${file}.bin`), 'w');
    for (let written = 0; written < FILE_BYTES; written += PIECE_BYTES) {
      randomFillSync(piece);
      await handle.write(piece);
    }
    await handle.close();
  }
}

async function withServer(folder: string, work: (host: string) => void): Promise<void> {
  const data = join(folder, 'server');
  const server = await startDockerRegistry(data);
  try {
    work(server.host);
  } finally {
    await server.close();
    await rm(data, { recursive: true, force: true });
  }
}

function timed(program: string, words: string[], cwd: string): { seconds: number; output: string } {
  const begin = performance.now();
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.slice(-2000)}`);
  return { seconds: (performance.now() - begin) / 1000, output: stdout };
}

function describe(times: Record<string, number[]>, firsts: Own[], agains: Own[]): Benchmark {
  const [ours = 0, oras = 0, skopeo = 0] = [times.ours, times.oras, times.skopeo].map((all) =>
    medianOf(all!),
  );
  const bytes = Math.max(...firsts.map((run) => run.bytes));
  const again = medianOf(agains.map((run) => run.pushSeconds));
  const uploads = Math.max(...agains.map((run) => run.uploads));
  const ratio = ours / Math.min(oras, skopeo);
  const row = (name: string, seconds: number): string =>
    `| ${name} | ${seconds.toFixed(1)} | ${(ours / seconds).toFixed(2)} |`;
  const hash = medianOf(firsts.map((run) => run.hashSeconds));
  return {
    title: `Push of ${(FILES * FILE_BYTES) / 2 ** 30} GiB in ${FILES} files to docker-registry (limits: ${LIMITS.times} times the faster of oras and skopeo, ${LIMITS.bytes / 1e6} MB; again without a blob, in ${LIMITS.againSeconds} s after hashing)`,
    table: [
      '| push | median, s | ours against it |',
      '|---|--:|--:|',
      row(
        `ours (${hash.toFixed(1)} s of it hashing; at most ${(bytes / 1e6).toFixed(0)} MB of memory)`,
        ours,
      ),
      row('oras push', oras),
      row('skopeo copy from an image layout', skopeo),
      `| ours again, after hashing: ${uploads} uploads | ${again.toFixed(2)} | |`,
    ].join('\n'),
    withinLimit:
      ratio <= LIMITS.times && bytes <= LIMITS.bytes && uploads === 0 && again <= LIMITS.againSeconds,
  };
}

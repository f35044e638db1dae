/**
 * What watching costs a training: processor time of the action over a minute of a command that only waits, with a
 * stand-in for nvidia-smi that reports eight GPUs, and the memory of the action over a gigabyte of output.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Benchmark } from './measure.ts';
import { buildInto, onCores } from './run-action.ts';

const LIMITS = { coreShare: 0.005, bytes: 120e6 };
const PRINTED_BYTES = 1e9;
/** Two runs, of which the difference has no start and no end in it. Both sample every second for most of it. */
const SECONDS = [10, 70] as const;
const GPUS = 8;

const TELL = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.USE_FILE, JSON.stringify(process.resourceUsage())));`;
const LINE = 'epoch 3 batch 12345 of 20000 loss=0.2345 and what else a training prints that nobody reads';

interface Use {
  cpuSeconds: number;
  bytes: number;
}

export async function benchmark(): Promise<Benchmark> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-train-telemetry-'));
  try {
    await buildInto(join(folder, 'dist'));
    await writeDriver(folder);
    const [short, long] = SECONDS;
    const before = await useOf(folder, `sleep ${short}; echo x > "$MODEL_DIR/m"`);
    const after = await useOf(folder, `sleep ${long}; echo x > "$MODEL_DIR/m"`);
    const coreShare = (after.cpuSeconds - before.cpuSeconds) / (long - short);
    const printing = `head -c ${PRINTED_BYTES} <(yes "${LINE}"); echo x > "$MODEL_DIR/m"`;
    const { bytes } = await useOf(folder, printing);
    return {
      title: `Watching a training (limits ${100 * LIMITS.coreShare} % of a core, ${LIMITS.bytes / 1e6} MB)`,
      table: [
        '| what | used |',
        '|---|--:|',
        `| processor time while the command waits, ${GPUS} GPUs | ${(100 * coreShare).toFixed(2)} % of a core |`,
        `| memory over 1 GB of output | ${(bytes / 1e6).toFixed(0)} MB |`,
      ].join('\n'),
      withinLimit: coreShare <= LIMITS.coreShare && bytes <= LIMITS.bytes,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers as the driver's tool does: once, or again and again with `--loop-ms`. */
async function writeDriver(folder: string): Promise<void> {
  const rows = Array.from(
    { length: GPUS },
    (_, index) =>
      `2026/01/01 00:00:00.000, ${index}, GPU-${index}, NVIDIA H100 80GB HBM3, 580.82.07, 97, 60, 70000, 81559, 650.1, 700.00, 61, 1980, P0, 0, 0x0000000000000000`,
  );
  const path = join(folder, 'nvidia-smi');
  await writeFile(
    path,
    `#!/bin/bash
for word in "$@"; do case $word in --loop-ms=*) loop=\${word#*=};; esac; done
while true; do
  cat <<'END'
${rows.join('\n')}
END
  [ -z "$loop" ] && exit
  sleep "$((loop / 1000)).$(printf %03d $((loop % 1000)))"
done
`,
  );
  await chmod(path, 0o755);
}

async function useOf(folder: string, command: string): Promise<Use> {
  const at = (name: string): string => join(folder, name);
  for (const name of ['output', 'state', 'summary']) await writeFile(at(name), '');
  const env = {
    PATH: [folder, process.env.PATH].join(delimiter),
    HOME: process.env.HOME,
    ...{ RUNNER_TEMP: folder, USE_FILE: at('use') },
    ...{ GITHUB_OUTPUT: at('output'), GITHUB_STATE: at('state'), GITHUB_STEP_SUMMARY: at('summary') },
    ...{ INPUT_NAME: 'bench', INPUT_COMMAND: command, INPUT_COMMENT: 'never' },
  };
  const tell = `--import=data:text/javascript,${encodeURIComponent(TELL)}`;
  const words = onCores([process.execPath, tell, join(folder, 'dist/train-on-gpu-runner/index.mjs')]);
  const [program, ...rest] = words;
  const child = spawn(program!, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the action ended with ${code}`);
  const use = JSON.parse(await readFile(at('use'), 'utf8')) as NodeJS.ResourceUsage;
  return { cpuSeconds: (use.userCPUTime + use.systemCPUTime) / 1e6, bytes: use.maxRSS * 1024 };
}

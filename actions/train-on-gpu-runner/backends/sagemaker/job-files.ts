/**
 * What a job finds beside its source: the script that SageMaker starts, the parameters, and what was asked for, by
 * which another runner can collect it. Values go into the script and not into the job's Environment: there SageMaker
 * keeps at most 100 of 512 characters each.
 */
import * as z from 'zod';
import { shellWord } from '../../../../shared/programs/shell-words.ts';
import { trainingRunSchema } from '../../../../shared/records/training-run.ts';
import { seedVariables } from '../../command-environment.ts';
import { type Params, paramVariables, valueText } from '../../params.ts';
import type { TrainingWork } from '../backend.ts';

export const CHANNELS = { source: 'mlops-source', job: 'mlops-job', data: 'training' } as const;
/** Below SM_OUTPUT_DATA_DIR, which is brought back. */
export const METRICS_NAME = '.mlops-metrics.json';
export const SCRIPT = 'run.sh';
export const WORK = 'work.json';
/** As in SageMaker's own containers. */
const MASTER_PORT = 7777;

const WORK_SCHEMA = z.strictObject({
  name: z.string(),
  command: z.string(),
  params: z.record(z.string(), z.json()),
  data: z.array(z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string() })),
  seed: z.number().nullable(),
  timeoutMs: z.number().nullable(),
  checkpointStore: z.string().nullable(),
  about: trainingRunSchema.pick({ rules: true, tracking: true, reproduction: true }).default({}),
});

/** What was asked for, as far as it means something on another machine. */
export type SubmittedWork = z.infer<typeof WORK_SCHEMA>;

export const readWork = (text: string): SubmittedWork => WORK_SCHEMA.parse(JSON.parse(text));

/** Every file of the channel, by its name. @param files names of the data in their channel. */
export function jobFiles(work: TrainingWork, files: readonly string[]): Record<string, string> {
  const submitted: SubmittedWork = {
    ...{ name: work.name, command: work.command, params: work.params, data: [...work.data] },
    ...{ seed: work.seed ?? null, timeoutMs: work.timeoutMs ?? null },
    ...{ checkpointStore: work.checkpointStore ?? null, about: work.about ?? {} },
  };
  return {
    [SCRIPT]: script(work, files),
    'params.json': JSON.stringify(work.params),
    [WORK]: `${JSON.stringify(submitted)}\n`,
  };
}

export const hyperparameterTexts = (params: Params): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, valueText(value)]));

/** The script finds its place by its own path: /opt/ml, wherever that lies. */
function script(work: TrainingWork, files: readonly string[]): string {
  const { params, seed } = work;
  const [first] = files;
  const channel = `"$ml/input/data/${CHANNELS.data}"`;
  const hasData = first !== undefined;
  // One file is named itself; of several the folder is.
  const data = files.length === 1 && hasData ? `${channel}/${shellWord(first)}` : channel;
  const values: Record<string, string> = {
    ...work.env,
    ...paramVariables(params),
    SM_HPS: JSON.stringify(hyperparameterTexts(params)),
    ...(seed === undefined ? {} : seedVariables(seed)),
  };
  const exports = [
    ...Object.entries(values).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    ...(hasData
      ? [`export DATA=${data}`, `export SM_CHANNEL_TRAINING=${channel} SM_CHANNEL_TRAIN=${channel}`]
      : []),
  ];
  return `#!/bin/bash
# Written by mlops-actions: unpacks the source, sets the variables and runs the command.
set -u
here=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)
ml=$(cd "$here/../../.." && pwd)
${exports.join('\n')}
export MODEL_DIR="$ml/model" SM_MODEL_DIR="$ml/model"
export SM_OUTPUT_DATA_DIR="$ml/output/data" METRICS_FILE="$ml/output/data/${METRICS_NAME}"
export CHECKPOINT_DIR="$ml/checkpoints" PARAMS_FILE="$here/params.json"
export PYTHONUNBUFFERED=1
SM_NUM_CPUS=$(nproc 2>/dev/null || echo 1)
SM_NUM_GPUS=$(nvidia-smi -L 2>/dev/null | grep -c '^GPU ')
resources="$ml/input/config/resourceconfig.json"
SM_CURRENT_HOST=$(sed -n 's/.*"current_host" *: *"\\([^"]*\\)".*/\\1/p' "$resources" 2>/dev/null)
SM_HOSTS=$(sed -n 's/.*"hosts" *: *\\(\\[[^]]*\\]\\).*/\\1/p' "$resources" 2>/dev/null)
SM_NETWORK_INTERFACE_NAME=$(sed -n 's/.*"network_interface_name" *: *"\\([^"]*\\)".*/\\1/p' "$resources" 2>/dev/null)
# The names in their order by bytes, one on each line: the first is the master.
names=$(printf '%s' "$SM_HOSTS" | tr -d '[] "' | tr ',' '\\n' | LC_ALL=C sort)
SM_HOST_COUNT=$(printf '%s\\n' "$names" | wc -l | tr -d ' ')
SM_CURRENT_HOST_RANK=$(printf '%s\\n' "$names" | grep -nxF "$SM_CURRENT_HOST" | cut -d : -f 1)
SM_CURRENT_HOST_RANK=$((\${SM_CURRENT_HOST_RANK:-1} - 1))
SM_MASTER_ADDR=$(printf '%s\\n' "$names" | head -n 1)
export SM_NUM_CPUS SM_NUM_GPUS SM_CURRENT_HOST SM_HOSTS SM_NETWORK_INTERFACE_NAME SM_HOST_COUNT
export SM_CURRENT_HOST_RANK SM_MASTER_ADDR SM_MASTER_PORT=${MASTER_PORT}
# What all machines leave below output/data is put together: one file of metrics can come back.
[ "$SM_CURRENT_HOST_RANK" -eq 0 ] || export METRICS_FILE="$ml/metrics-of-this-machine.json"
fail() { mkdir -p "$ml/output"; printf '%s' "$1" > "$ml/output/failure"; echo "$1"; exit "$2"; }
mkdir -p "$MODEL_DIR" "$SM_OUTPUT_DATA_DIR" "$CHECKPOINT_DIR" "$ml/mlops-source"
tar -xzf "$ml/input/data/${CHANNELS.source}/source.tar.gz" -C "$ml/mlops-source" ||
  fail 'The source could not be unpacked: the image needs tar and gzip.' 125
cd "$ml/mlops-source" || exit 125
# In a process group of its own, so that the service's SIGTERM reaches all that the command started.
set -m
bash --noprofile --norc -eo pipefail -c ${shellWord(work.command)} < /dev/null &
command=$!
# The shell's own words on how the command ended are not part of its output.
exec 2> /dev/null
asked=
trap 'asked=1; kill -TERM -- "-$command" 2>/dev/null' TERM INT
wait "$command"
status=$?
# A signal ends the wait, not the command.
while [ -n "$asked" ]; do asked=; wait "$command"; status=$?; done
[ "$status" -eq 0 ] || fail "The command ended with exit status $status." "$status"
`;
}

/** The script that does a training again, from its record alone. Nothing in the record is run that the training did not run. */
import { isAbsolute, resolve } from 'node:path';
import { shellComment, shellWord } from '../../../shared/programs/shell-words.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { environmentLines } from './environment-text.ts';
import { budgetLines, ruleWords } from './rules-text.ts';
import { waysToDiffer } from './ways-to-differ.ts';

export interface ReproduceOptions {
  /** The folder of the record and of the files beside it: an absolute path. */
  records: string;
  /** Where data may lie that is not in the repository: as a rule the folder in which the script is asked for. An absolute path. */
  dataFrom: string;
  /** How the command line of this project is called. */
  tool: readonly string[];
}

/** More files are given as the input named them. */
const MOST_FILES = 200;

/**
 * A bash script: checks the commit out into a fresh folder, applies what was not committed, fetches and checks the data,
 * makes the environment and trains; then it says whether the model is the same.
 * @throws UserError where the record holds what no command line can hold.
 */
export function reproduceText(record: TrainingRun, options: ReproduceOptions): string {
  const origin = record.reproduction;
  const inner = [
    'set -euo pipefail',
    'fail() { echo "error: $1" >&2; exit 1; }',
    SHA256,
    'folder="$1" records="$2"',
    ...environmentLines(record),
    ...budgetLines(record),
    'cd "$3"',
    trainingLine(record, options),
  ];
  // No text holds the digest of itself, so that none ends itself.
  const end = `END_${sha256(inner.join('\n')).slice('sha256:'.length)}`;
  const lines = [
    '#!/usr/bin/env bash',
    shellComment(
      `Repeats the training of ${record.name} of ${record.createdAt}${record.source.runUrl ? ` (${record.source.runUrl})` : ''}.`,
    ),
    '# It may differ:',
    ...waysToDiffer(record).map((way) => shellComment(`- ${way}`)),
    'set -euo pipefail',
    'fail() { echo "error: $1" >&2; exit 1; }',
    'note() { echo "note: $1" >&2; }',
    SHA256,
    `records=${shellWord(options.records)}; records="\${MLOPS_RECORDS:-$records}"`,
    `data_from=${shellWord(options.dataFrom)}; data_from="\${MLOPS_DATA:-$data_from}"`,
    `folder="$(mktemp -d "\${TMPDIR:-/tmp}/reproduce-${record.name}.XXXXXX")"`,
    'kept() { [ "$(sha256_of "$records/$1")" = "${1%%.*}" ] || fail "$records/$1 is missing or was changed; set MLOPS_RECORDS to the folder of the record."; }',
    ...checkoutLines(record),
    `work="$checkout/"${shellWord(origin?.workingDirectory ?? '.')}`,
    'cd "$work"',
    ...dataLines(record, options),
    ...(origin?.packages ?? []).flatMap(({ path }) => (path === null ? [] : [`kept ${shellWord(path)}`])),
    `cat > "$folder/train.sh" <<'${end}'`,
    ...inner,
    end,
    ...runLines(record),
    ...verdictLines(record),
  ];
  return `${lines.join('\n')}\n`;
}

const SHA256 =
  'sha256_of() { { if command -v sha256sum >/dev/null; then sha256sum < "$1"; else shasum -a 256 < "$1"; fi; } 2>/dev/null | cut -d " " -f 1; }';

function checkoutLines({ reproduction: origin }: TrainingRun): string[] {
  if (!origin?.commit)
    return ['checkout="$PWD"', 'note "the record names no commit: the code is what lies here"'];
  const { commit, repository, uncommitted } = origin;
  const fetch = repository
    ? [
        '  git init --quiet "$checkout"',
        `  git -C "$checkout" fetch --quiet --depth 1 ${shellWord(repository)} "$commit"`,
        '  git -C "$checkout" checkout --quiet --detach FETCH_HEAD',
      ]
    : ['  fail "commit $commit is not here: run this in a clone of the repository"'];
  return [
    `commit=${shellWord(commit)}`,
    'checkout="$folder/checkout"',
    'if [ "$(git rev-parse --quiet --verify "$commit^{commit}" 2>/dev/null)" = "$commit" ]; then',
    '  git worktree add --quiet --detach "$checkout" "$commit"',
    'else',
    ...fetch,
    'fi',
    'if [ -e "$checkout/.gitmodules" ]; then git -C "$checkout" submodule --quiet update --init --recursive; fi',
    ...(uncommitted?.path
      ? [
          `kept ${shellWord(uncommitted.path)}`,
          `git -C "$checkout" apply --binary --whitespace=nowarn "$records/"${shellWord(uncommitted.path)} || fail "the uncommitted changes do not apply"`,
        ]
      : []),
  ];
}

/** Local files by their path; what lies above the working directory is taken where it is. */
const isAddress = (path: string): boolean => /^[a-z][\w+.-]*:\/\/|^sqlite:/i.test(path);
const pathOf = (path: string, { dataFrom }: ReproduceOptions): string =>
  isAddress(path) || isAbsolute(path) || !path.startsWith('..') ? path : resolve(dataFrom, path);

function dataLines(record: TrainingRun, options: ReproduceOptions): string[] {
  const versions = record.reproduction?.dataVersions ?? [];
  const dvc = versions.filter(({ system }) => system === 'dvc').map(({ name }) => `pull ${shellWord(name)}`);
  const lakeFs = versions
    .filter(({ system, version }) => system === 'lakefs' && version.includes('://'))
    .map(
      ({ name, version }) =>
        `lakectl fs download --recursive ${shellWord(version)} ${shellWord(name)} || note "lakectl could not fetch "${shellWord(name)}`,
    );
  const files = record.data.filter(({ path }) => !isAddress(path));
  return [
    ...(dvc.length > 0
      ? ['pull() { (cd "$checkout" && dvc pull --quiet -- "$1") || note "dvc could not fetch $1"; }', ...dvc]
      : []),
    ...lakeFs,
    ...(files.length > 0 ? [DATA_CHECK] : []),
    ...files.map(
      ({ path, digest }) =>
        `data ${shellWord(pathOf(path, options))} ${shellWord(digest.slice('sha256:'.length))}`,
    ),
  ];
}

const DATA_CHECK = `data() {
  if [ ! -e "$1" ] && [ -e "$data_from/$1" ]; then mkdir -p "$(dirname "./$1")" && cp "$data_from/$1" "./$1"; fi
  [ -e "$1" ] || fail "the data file $1 is neither in the repository nor in $data_from; set MLOPS_DATA to the folder that holds it."
  [ "$(sha256_of "$1")" = "$2" ] || fail "the data file $1 is not the one that was trained on (sha256 $2)."
}`;

function trainingLine(record: TrainingRun, options: ReproduceOptions): string {
  const { name, command, params, reproduction: origin, timeoutSeconds, model } = record;
  const paths = record.data.map(({ path }) => pathOf(path, options));
  const given = record.inputs.find(({ role }) => role === 'data')?.name;
  const words = {
    name,
    command,
    params: Object.keys(params).length > 0 ? JSON.stringify(params) : undefined,
    seed: origin?.seed?.toString(),
    // Commas part the input's list, and a glob's sign stands for one.
    data: paths.length > MOST_FILES ? given : paths.map((path) => path.replace(/[,\n]/g, '?')).join('\n'),
    timeout: timeoutSeconds === null ? undefined : `${timeoutSeconds}s`,
    ...ruleWords(record),
    // Without a commit the folder is the user's own, with a model that is to stay.
    'model-dir': origin?.commit ? model?.path : undefined,
    comment: 'never',
  };
  const options_ = Object.entries(words).flatMap(([option, value]) =>
    value === undefined || value === '' ? [] : [`--${option}`, shellWord(value)],
  );
  const ownModel = origin?.commit ? [] : ['--model-dir', '"$folder/model"'];
  return [
    ...options.tool.map(shellWord),
    'train-on-gpu-runner',
    ...options_,
    ...(budgetLines(record).length > 0 ? ['--prices', '"$folder/prices.json"'] : []),
    ...ownModel,
    ...['--records', '"$folder/records"', '--record', '"$folder/record.json"'],
  ].join(' ');
}

function runLines({ reproduction: origin, environment }: TrainingRun): string[] {
  const run = 'bash "$folder/train.sh" "$folder" "$records" "$work"';
  const container = origin?.container;
  if (!container) return [run];
  const image =
    container.digest && !container.image.includes('@')
      ? `${container.image.replace(/:[^:/]*$/, '')}@${container.digest}`
      : container.image;
  // As GitHub does for its job containers: an image has no Node.js of its own as a rule.
  const mounts = ['"$folder:$folder"', '"$records:$records:ro"', '"$node:$node:ro"', '"$checkout:$checkout"'];
  return [
    'if command -v docker >/dev/null; then',
    '  node="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"',
    `  docker run --rm ${environment.gpus.length > 0 ? '--gpus all ' : ''}${mounts.map((mount) => `--volume ${mount} `).join('')}--env NODE_BIN="$node/bin" --workdir "$work" ${shellWord(image)} ${run}`,
    'else',
    `  note "docker is not here: trained without the image "${shellWord(image)}`,
    `  ${run}`,
    'fi',
  ];
}

function verdictLines({ model, data }: TrainingRun): string[] {
  return [
    ...[...new Set(data.map(({ digest }) => digest))]
      .slice(0, MOST_FILES)
      .map(
        (digest) =>
          `grep -qF ${digest} "$folder/record.json" || note "data of the digest ${digest} was not there again"`,
      ),
    ...(model
      ? [
          `if grep -qF ${model.digest} "$folder/record.json"; then echo "The model is the same: ${model.digest}." >&2`,
          `else note "the model is another one than ${model.digest}"; fi`,
        ]
      : []),
    'echo "The record of the repetition is $folder/record.json; remove the checkout by: git worktree remove --force $folder/checkout" >&2',
  ];
}

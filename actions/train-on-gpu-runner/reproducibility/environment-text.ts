import { shellWord } from '../../../shared/programs/shell-words.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';

/**
 * Lines that make the environment of a training and enter it, by the lists beside its record. The variables `folder`
 * (the environment goes there) and `records` are set.
 */
export function environmentLines({ reproduction: origin, environment }: TrainingRun): string[] {
  const lists = (origin?.packages ?? []).filter(({ count, path }) => count > 0 && path !== null);
  const listOf = (manager: string, extension: string) =>
    lists.find((list) => list.manager === manager && list.path?.endsWith(`.${extension}`))?.path ?? undefined;
  const conda = listOf('conda', 'conda.yaml');
  const pip = listOf('pip', 'requirements.txt');
  const uv = listOf('uv', 'requirements.txt');
  return [
    // Behind everything of the image itself.
    'if [ -n "${NODE_BIN:-}" ]; then PATH="$PATH:$NODE_BIN"; fi',
    ...(conda ? condaLines(conda) : pip || uv ? pythonLines(pip, uv, environment.python) : []),
    ...(listOf('uv', 'uv.lock') ? ['export UV_FROZEN=1'] : []),
    ...(listOf('poetry', 'poetry.lock') ? ['(cd "$3" && poetry install --no-interaction --quiet)'] : []),
  ];
}

const condaLines = (list: string): string[] => [
  `conda env create --quiet --prefix "$folder/environment" --file "$records/"${shellWord(list)}`,
  // The scripts of conda read variables that are not set.
  'set +u; eval "$(conda shell.bash hook)"; conda activate "$folder/environment"; set -u',
];

function pythonLines(pip: string | undefined, uv: string | undefined, version: string | null): string[] {
  const list = shellWord(pip ?? uv ?? '');
  const make = pip
    ? '"$(command -v python3 || command -v python)" -m venv "$folder/environment"'
    : `uv venv --quiet ${version ? `--python ${shellWord(version)} ` : ''}"$folder/environment"`;
  const install = pip
    ? 'python -m pip install --quiet --disable-pip-version-check'
    : 'uv pip install --quiet';
  return [
    make,
    '. "$folder/environment/bin/activate"',
    ...(version
      ? [
          `[ "$(python -c 'import platform; print(platform.python_version())')" = ${shellWord(version)} ] || echo "note: it ran with Python "${shellWord(version)} >&2`,
        ]
      : []),
    // What was installed from a folder of that machine is not to be had here.
    `grep -vE ' @ file:|^-e /|^#' "$records/"${list} > "$folder/requirements.txt" || true`,
    `grep -E ' @ file:|^-e /' "$records/"${list} >&2 && echo "note: the packages above were installed from a folder and are left out" >&2 || true`,
    `if [ -s "$folder/requirements.txt" ]; then ${install} --requirement "$folder/requirements.txt"; fi`,
  ];
}

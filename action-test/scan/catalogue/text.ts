/** Texts: JSON beside a model, XML, the code of TorchScript, and keys in any of them. */
import { utf8 } from '../bytes.ts';
import { type CatalogueEntry, evil, example } from './entry.ts';

const json = (name: string, value: object) => example(name, () => utf8(JSON.stringify(value)));
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
const notebook = (source: string): object => ({
  cells: [{ cell_type: 'code', source: [source] }],
  metadata: { kernelspec: { name: 'python3' } },
  nbformat: 4,
});

const JSON_FILES: readonly CatalogueEntry[] = [
  {
    format: 'json',
    rule: 'remote-code',
    says: 'It names a class in a Python file beside it, which transformers loads.',
    passing: json('config.json', { architectures: ['BertModel'], model_type: 'bert' }),
    failing: json('remote/config.json', {
      auto_map: { AutoModel: 'modeling.OwnModel' },
      model_type: 'own',
    }),
  },
  {
    format: 'json',
    rule: 'remote-code',
    says: 'The same in UTF-16, which JSON may be written in.',
    passing: example('utf-16/config.json', () => utf16('{"model_type": "bert"}')),
    failing: example('utf-16-remote/config.json', () => utf16('{"auto_map": {"AutoModel": "modeling.Own"}}')),
  },
  {
    format: 'json',
    rule: 'cannot-look-into',
    says: 'A pickle under a key of Stable-Baselines3 is written with letters that only some readers of base64 pass over.',
    passing: json('agent/data', { policy: { ':serialized:': 'gAJ9cQAu' } }),
    failing: json('odd-agent/data', { policy: { ':serialized:': 'gAJ9!cQAu' } }),
  },
  {
    format: 'json',
    rule: 'named-code',
    says: 'It was written by jsonpickle, and names a function that jsonpickle calls.',
    passing: json('array.json', { 'py/object': 'collections.OrderedDict' }),
    failing: evil('code-that-a-loader-takes-by-a-name-of-its-own/jsonpickle.json'),
  },
  {
    format: 'json',
    rule: 'remote-code',
    says: 'It names a kernel of the Hub, which transformers fetches and runs.',
    passing: json('attention/config.json', { attn_implementation: 'flash_attention_2', model_type: 'bert' }),
    failing: json('kernel/config.json', { attn_implementation: 'someone/kernel', model_type: 'bert' }),
  },
  {
    format: 'blanks',
    rule: 'cannot-look-into',
    says: 'It begins with more blanks than anybody writes, where an ordinary one begins with a few.',
    passing: example('blanks.json', () => utf8(`${' '.repeat(9)}{}`)),
    failing: example('many-blanks.json', () => utf8(`${' '.repeat(5_000)}{}`)),
  },
  {
    format: 'json',
    rule: 'template-code',
    says: 'Its chat template reaches for the inside of Python.',
    passing: json('tokenizer_config.json', { chat_template: "{{ messages[0]['content'] | trim }}" }),
    failing: json('inside/tokenizer_config.json', { chat_template: "{{ ''.__class__.__mro__ }}" }),
  },
  {
    format: 'json',
    rule: 'unreadable',
    says: 'The configuration of a model ends in the middle.',
    passing: example('layers.json', () => utf8('[{"class_name": "Dense", "config": {}}]')),
    failing: example('cut-off.json', () => utf8('[{"class_name": "Dense", "config": {}}')),
  },
  {
    format: 'json',
    rule: 'notebook-shell',
    says: 'A cell of a notebook begins with a command of the shell.',
    passing: json('train.ipynb', notebook('print("trained")')),
    failing: json('shell.ipynb', notebook('!echo trained')),
  },
];

const pmml = (before = '', encoding = 'UTF-8'): Uint8Array =>
  utf8(`<?xml version="1.0" encoding="${encoding}"?>\n${before}<PMML version="4.4"><Header/></PMML>\n`);
const ordinary = example('model.pmml', () => pmml());

const XML: readonly CatalogueEntry[] = [
  {
    format: 'xml',
    rule: 'xml-entities',
    says: 'It declares an entity, which stands for a file of the machine.',
    passing: ordinary,
    failing: evil('a-document-type-in-PMML/entities.pmml'),
  },
  {
    format: 'xml',
    rule: 'cannot-look-into',
    says: 'It says that it is written in UTF-7, in which signs look otherwise.',
    passing: ordinary,
    failing: example('utf-7.pmml', () => pmml('', 'UTF-7')),
  },
];

const module = (body: string): Uint8Array =>
  utf8(
    `class Model(Module):\n  __parameters__ = []\n  def forward(self, x: Tensor) -> Tensor:\n    return ${body}\n`,
  );
const relu = example('code/model.py', () => module('torch.relu(x)'));

const TORCH_SCRIPT: readonly CatalogueEntry[] = [
  {
    format: 'text',
    rule: 'file-operator',
    says: 'The code of TorchScript reads a file.',
    passing: relu,
    failing: example('code/reads.py', () => module('torch.from_file("/etc/hostname")')),
  },
  {
    format: 'text',
    rule: 'unknown-operator',
    says: 'The code of TorchScript calls an operator of a library of its own.',
    passing: relu,
    failing: example('code/own.py', () => module('ops.own.relu(x)')),
  },
];

export const TEXT: readonly CatalogueEntry[] = [...JSON_FILES, ...XML, ...TORCH_SCRIPT];

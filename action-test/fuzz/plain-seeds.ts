/** Small files of every format with something of all that its parser looks at, made without any library. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Format } from '../../shared/models/scan/identify.ts';
import { bytes, join, u16, u32, u64, utf8 } from '../scan/bytes.ts';
import * as p from '../scan/pickle-writer.ts';
import { field, number } from '../scan/protobuf-writer.ts';
import { tar } from '../scan/tar-writer.ts';
import { zip } from '../scan/zip-writer.ts';

const PICKLE = p.pickle(2, p.EMPTY_DICT, p.binput(0), p.binunicode('a'), p.binint1(1), p.SETITEM);
const KERAS = JSON.stringify({
  class_name: 'Functional',
  module: 'keras',
  registered_name: null,
  config: {
    name: 'model',
    layers: [
      { class_name: 'InputLayer', module: 'keras.layers', config: { batch_shape: [null, 4] } },
      { class_name: 'Dense', module: 'keras.layers', config: { units: 1, activation: 'relu' } },
      { class_name: 'Lambda', config: { function: { class_name: '__lambda__', config: { code: '4wE=' } } } },
    ],
  },
});
const TEMPLATE =
  "{% for m in messages %}{{ m['role'] + ': ' ~ m.content | trim | default('x', true) }}{# no #}{% endfor %}";

const text = (value: string): Uint8Array => join(u64(utf8(value).length), utf8(value));
const GGUF = join(
  join(utf8('GGUF'), u32(3), u64(1), u64(5)),
  join(text('general.architecture'), u32(8), text('llama')),
  join(text('general.alignment'), u32(4), u32(32)),
  join(text('tokenizer.chat_template'), u32(8), text(TEMPLATE)),
  join(text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(2), text('a'), text('b')),
  join(text('nested'), u32(9), u32(9), u64(1), u32(5), u64(2), u32(1), u32(2)),
  join(text('weight'), u32(2), u64(4), u64(2), u32(0), u64(0)),
  new Uint8Array(64),
);

const node = (operator: string, domain: string, ...more: Uint8Array[]): Uint8Array =>
  field(1, field(1, 'x'), field(2, 'y'), field(4, operator), field(7, domain), ...more);
const entry = (key: string, value: string): Uint8Array => join(field(1, key), field(2, value));
const ONNX = join(
  number(1, 10),
  field(2, 'pytorch'),
  field(
    7,
    node('Gemm', ''),
    node('If', 'ai.onnx', field(5, field(1, 'then'), field(6, node('Own', 'own.library')), number(20, 5))),
    field(5, number(1, 3), number(2, 1), field(8, 'w'), field(9, new Uint8Array(12))),
    field(
      5,
      field(8, 'out'),
      number(14, 1),
      field(13, entry('location', 'a.bin')),
      field(13, entry('offset', '8')),
    ),
  ),
  field(8, field(1, ''), number(2, 21)),
  field(14, entry('task', 'classification')),
  field(25, field(1, 'function'), field(7, node('Add', ''))),
);

const graphNode = (operator: string, ...more: Uint8Array[]): Uint8Array =>
  field(1, field(1, 'name'), field(2, operator), ...more);
const SAVED_MODEL = join(
  number(1, 1),
  field(
    2,
    field(1, field(4, 'serve'), field(5, '2.20.0')),
    field(
      2,
      graphNode('Placeholder'),
      graphNode('Const', field(5, field(1, 'value'), field(2, field(8, field(8, '_temp/part'))))),
      graphNode('SaveV2'),
      field(2, field(1, field(1, field(1, 'f')), field(3, field(1, 'n'), field(2, 'PyFunc')))),
    ),
    field(6, field(2, 'vocabulary.txt')),
    field(7, field(1, field(4, field(1, '_tf_keras_layer'), field(3, KERAS)))),
  ),
);
const KERAS_METADATA = field(1, number(2, 1), field(3, 'root'), field(4, '_tf_keras_model'), field(5, KERAS));
const CORE_ML = join(
  number(1, 8),
  field(2, field(1, 'x'), field(100, field(1, 'text'), field(100, entry('author', 'me')))),
  field(500, field(1, field(1, 'layer'), field(500, field(10, 'Own')))),
  field(556, field(1, field(1, field(1, 'other.mlmodel')))),
  field(202, field(1, number(1, 8), field(555, field(10, 'Own')))),
);

const npy = (header: string, data: Uint8Array): Uint8Array =>
  join(bytes(0x93), utf8('NUMPY'), bytes(1, 0), u16(header.length), utf8(header), data);
const SAFETENSORS = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
const NOTEBOOK = JSON.stringify({
  cells: [{ cell_type: 'code', source: ['!pip install x\n', 'print(1)'], outputs: [] }],
  metadata: { language_info: { name: 'python' } },
});
const CONFIG = JSON.stringify({
  auto_map: { AutoModel: 'modeling.Model' },
  trust_remote_code: true,
  chat_template: TEMPLATE,
  chat_templates: [{ name: 'tool', template: TEMPLATE }],
  password: 'aB3$kdj93KDJ2lw',
});
const TORCH_SCRIPT = `class Model(Module):
  __parameters__ = []
  def forward(self: __torch__.Model, x: Tensor) -> Tensor:
    return ops.own.run(torch.from_file("a", True, 3), ops.aten.add(x, 1))
`;
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<PMML version="4.4"><Header copyright="a"/><!-- api_key = "aB3dkdj93KDJ2lwq" --></PMML>`;
const HDF5 = join(
  bytes(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0),
  new Uint8Array(100),
  utf8(KERAS),
  bytes(0, 1, 8, 0x40, 5),
  utf8('where'),
  u16(14),
  utf8('\0other\0/there\0'),
  new Uint8Array(50),
);
/** An LZ4 frame of one stored block, without checksums. */
const lz4 = (content: Uint8Array): Uint8Array =>
  join(u32(0x184d2204), bytes(0x60, 0x40, 0x82), u32((content.length | 0x80000000) >>> 0), content, u32(0));

export const PLAIN_SEEDS: readonly (readonly [Format, Uint8Array])[] = [
  ['pickle', PICKLE],
  [
    'zip',
    zip([
      { name: 'model/data.pkl', content: PICKLE, deflated: true },
      { name: 'model/version', content: utf8('3') },
    ]),
  ],
  [
    'tar',
    tar([
      { name: 'model.pkl', content: PICKLE },
      { name: 'config.json', content: utf8(CONFIG) },
    ]),
  ],
  ['gzip', new Uint8Array(gzipSync(PICKLE))],
  ['zstd', join(u32(0x184d2a50), u32(3), utf8('abc'), zstdCompressSync(PICKLE))],
  ['lz4', lz4(PICKLE)],
  ['npy', npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", new Uint8Array(16))],
  [
    'npy',
    npy(
      "{'descr': [('a', '<f4'), ('b', '|S5', (2,))], 'fortran_order': True, 'shape': (1, 2), }\n",
      new Uint8Array(28),
    ),
  ],
  ['npy', npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", PICKLE)],
  ['hdf5', HDF5],
  ['safetensors', join(u64(SAFETENSORS.length), utf8(SAFETENSORS), new Uint8Array(8))],
  ['gguf', GGUF],
  ['onnx', ONNX],
  ['saved-model', SAVED_MODEL],
  ['keras-metadata', KERAS_METADATA],
  ['coreml', CORE_ML],
  ['catboost', join(utf8('CBM1'), u32(40), new Uint8Array(60))],
  ['xml', utf8(XML)],
  ['json', utf8(KERAS)],
  ['json', utf8(NOTEBOOK)],
  ['json', utf8(CONFIG)],
  ['text', utf8(TORCH_SCRIPT)],
  ['text', utf8(`Notes\n\nAWS key AKIAABCDEFGHIJKLMNOP, sk-${'aB3d'.repeat(10)}\n`)],
];

const words = (...texts: readonly string[]): Uint8Array[] => texts.map(utf8);
const SECRETS = words(
  'AKIA',
  'password="',
  'eyJ',
  '://',
  '-----BEGIN ',
  'PRIVATE KEY-----',
  'sk-ant-',
  'hf_',
);
const JSON_WORDS = words(
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\u',
  '\\ud83d',
  ',',
  ':',
  'null',
  '1e999',
  '-',
  '//',
  'NaN',
);
const JINJA = words(
  '{{',
  '}}',
  '{%',
  '%}',
  '{#',
  '|attr(',
  '__class__',
  '~',
  "['",
  'if ',
  'for ',
  'set ',
  'raw %}',
);

/** By format: words that its parser knows. */
export const WORDS: Partial<Record<Format | 'identify', readonly Uint8Array[]>> = {
  pickle: [
    p.STACK_GLOBAL,
    p.MEMOIZE,
    p.REDUCE,
    p.BUILD,
    p.stackGlobal('os', 'system'),
    p.global('builtins', 'getattr'),
  ],
  zip: [u32(0x04034b50), u32(0x02014b50), u32(0x06054b50), u32(0x06064b50), u32(0x07064b50), u32(0x08074b50)],
  tar: words('ustar', '././@LongLink', 'PaxHeaders', '30 path=', 'GNU.sparse.', 'SCHILY.'),
  npy: words(
    "'descr'",
    "'<f4'",
    "('a', ",
    "'|O'",
    'True',
    '(',
    ')',
    '[',
    ']',
    '9999999999',
    '-1',
    'L',
    "b'",
    '"',
  ),
  safetensors: [
    ...JSON_WORDS,
    ...words('"__metadata__"', '"data_offsets"', '"shape"', '"BF16"', '18446744073709551615'),
  ],
  hdf5: [
    ...JSON_WORDS,
    ...words('"class_name"', 'Lambda', '\x00\x05', '\x40', 'OHDR', 'FRHP', 'TREE', 'HEAP'),
  ],
  gguf: [...JINJA, ...words('general.alignment', 'tokenizer.', 'template')],
  onnx: words('location', 'offset', 'length', '../', '/', 'ai.onnx', 'PyOp'),
  json: [
    ...JSON_WORDS,
    ...JINJA,
    ...SECRETS,
    ...words('"class_name"', '"auto_map"', '"source"', '"template"'),
  ],
  xml: [...SECRETS, ...words('<!DOCTYPE', '<!ENTITY', ' encoding="utf-16"', ']>', '<![CDATA[', '\ufeff')],
  text: [
    ...SECRETS,
    ...JINJA,
    ...words('class A(Module):\n  def ', 'torch.load(', 'ops.a.b(', 'op_version_set = 1'),
  ],
};

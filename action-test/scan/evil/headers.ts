/** Formats without code, whose headers lie or whose texts are run: safetensors, GGUF, CatBoost, tokenizers, PMML. */
import type { FindingRule } from '../../../shared/models/scan/rules.ts';
import { join, u32, u64, utf8 } from '../bytes.ts';
import type { EvilFile } from './evil-file.ts';

const header = (text: string, length = text.length): Uint8Array => join(u64(length), utf8(text));
const tensor = (begin: number, end: number, shape = (end - begin) / 4): string =>
  `{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`;

const safetensors = (name: string, gadget: string, rule: FindingRule, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'a header of safetensors that lies',
  gadget,
  rule,
  make,
});

const SAFETENSORS: readonly EvilFile[] = [
  safetensors('header-beyond-the-end.safetensors', 'a length past the end', 'header-does-not-fit', () =>
    join(header(`{"w":${tensor(0, 8)}}`, 5_000), new Uint8Array(8)),
  ),
  safetensors('header-of-2-to-the-60.safetensors', 'a length of 2^60', 'header-does-not-fit', () =>
    join(u64(2n ** 60n), utf8(`{"w":${tensor(0, 8)}}`), new Uint8Array(8)),
  ),
  safetensors('overlap.safetensors', 'tensors in the same place', 'tensor-layout', () =>
    join(header(`{"v":${tensor(0, 8)},"w":${tensor(4, 12)}}`), new Uint8Array(12)),
  ),
  safetensors('beyond-the-end.safetensors', 'a tensor past the end', 'cut-off', () =>
    join(header(`{"w":${tensor(0, 800)}}`), new Uint8Array(8)),
  ),
  safetensors('hole.safetensors', 'bytes of no tensor', 'tensor-layout', () =>
    join(header(`{"v":${tensor(0, 8)},"w":${tensor(48, 56)}}`), new Uint8Array(56)),
  ),
  safetensors('shape.safetensors', 'a shape of another length', 'header-does-not-fit', () =>
    join(header(`{"w":${tensor(0, 8, 700)}}`), new Uint8Array(8)),
  ),
  safetensors('same-name.safetensors', 'a name twice', 'duplicate-key', () =>
    join(header(`{"w":${tensor(0, 8)},"w":${tensor(0, 8)}}`), new Uint8Array(8)),
  ),
];

const STRING = 8;
const text = (value: string): Uint8Array => join(u64(utf8(value).length), utf8(value));
const pair = (key: string, value: string): Uint8Array => join(text(key), u32(STRING), text(value));

/** A model without a tensor, with a chat template. */
const gguf = (template: string): Uint8Array =>
  join(
    join(utf8('GGUF'), u32(3), u64(0), u64(2)),
    pair('general.architecture', 'llama'),
    pair('tokenizer.chat_template', template),
  );

const templated = (name: string, template: string): EvilFile => ({
  name,
  technique: 'a chat template that reaches for Python',
  gadget: template,
  rule: 'template-code',
  make: () => gguf(template),
});

const TEMPLATES: readonly EvilFile[] = [
  templated('subclasses.gguf', "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
  templated('globals.gguf', "{{ cycler.__init__.__globals__.os.popen('echo scanned').read() }}"),
  templated('attribute-by-name.gguf', "{{ ''|attr('__class__') }}"),
  templated('index-by-name.gguf', "{{ ''['__cl' ~ 'ass__'] }}"),
];

const F32 = 0;
const ggufTensor = (name: string, begin: number): Uint8Array =>
  join(text(name), u32(1), u64(8), u32(F32), u64(begin));
/** Tensors of 32 bytes each, and so many bytes of data. */
const ggufOf = (data: number, ...tensors: readonly Uint8Array[]): Uint8Array => {
  const head = join(utf8('GGUF'), u32(3), u64(tensors.length), u64(0), ...tensors);
  return join(head, new Uint8Array(((32 - (head.length % 32)) % 32) + data));
};
const lying = (name: string, gadget: string, rule: FindingRule, make: () => Uint8Array): EvilFile => ({
  name,
  technique: 'a header of GGUF that lies',
  gadget,
  rule,
  make,
});
const GGUF: readonly EvilFile[] = [
  lying('overlap.gguf', 'tensors in the same place', 'tensor-layout', () =>
    ggufOf(64, ggufTensor('v', 0), ggufTensor('w', 0)),
  ),
  lying('beyond-the-end.gguf', 'a tensor past the end', 'cut-off', () => ggufOf(0, ggufTensor('w', 0))),
  lying('same-name.gguf', 'a name twice', 'duplicate-key', () =>
    ggufOf(64, ggufTensor('w', 0), ggufTensor('w', 32)),
  ),
  lying('count-of-2-to-the-60.gguf', 'tensors without end', 'header-does-not-fit', () =>
    join(utf8('GGUF'), u32(3), u64(2n ** 60n), u64(0)),
  ),
];

const ENTITIES = `<?xml version="1.0"?>
<!DOCTYPE PMML [<!ENTITY secret SYSTEM "file:///etc/hostname">]>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header copyright="&secret;"/></PMML>
`;

export const HEADERS: readonly EvilFile[] = [
  ...SAFETENSORS,
  ...TEMPLATES,
  ...GGUF,
  safetensors('metadata.safetensors', 'a metadata that is no text', 'header-does-not-fit', () =>
    join(header(`{"__metadata__":{"format":{"a":1}},"w":${tensor(0, 8)}}`), new Uint8Array(8)),
  ),
  {
    name: 'tokenizer_config.json',
    technique: 'a chat template that reaches for Python',
    gadget: '__globals__',
    rule: 'template-code',
    make: () =>
      utf8(JSON.stringify({ chat_template: '{{ lipsum.__globals__.os.popen("echo scanned").read() }}' })),
  },
  {
    name: 'model.cbm',
    technique: 'a header that is longer than its file',
    gadget: 'a length of 2^32 - 1',
    rule: 'cut-off',
    make: () => join(utf8('CBM1'), u32(0xffff_ffff), new Uint8Array(400)),
  },
  {
    name: 'entities.pmml',
    technique: 'a document type in PMML',
    gadget: 'an entity that is a file',
    rule: 'xml-entities',
    make: () => utf8(ENTITIES),
  },
];

/** Configurations in the way of Hydra, wherever a format holds one. */
import { join, utf8 } from '../bytes.ts';
import { field, number } from '../protobuf-writer.ts';
import { type CatalogueEntry, evil, example } from './entry.ts';
import { safetensors } from './weights.ts';

const folder = 'code-that-a-configuration-names';
const config = (target: string): string => JSON.stringify({ activation: { _target_: target } });
const known = 'torch.nn.ReLU';
const onnx = (text: string): Uint8Array =>
  join(number(1, 10), field(7, field(1, field(4, 'Relu'))), field(14, field(1, 'config'), field(2, text)));

export const TARGETS: readonly CatalogueEntry[] = [
  {
    format: 'text',
    rule: 'named-code',
    says: 'A configuration in YAML names a function as the `_target_` that its loader calls, where an honest one names a layer.',
    passing: example('model_config.yaml', () => utf8(`activation:\n  _target_: ${known}\n`)),
    failing: evil(`${folder}/plain.yaml`),
  },
  {
    format: 'text',
    rule: 'named-code',
    says: 'A tag of YAML calls a function of Python, where an honest one makes a tuple.',
    passing: example('tuple.yaml', () => utf8('size: !!python/tuple [3, 3]\n')),
    failing: evil(`${folder}/tag.yaml`),
  },
  {
    format: 'json',
    rule: 'named-code',
    says: 'A configuration in JSON names a function as the `_target_` that its loader calls.',
    passing: example('targets/config.json', () => utf8(config(known))),
    failing: evil(`${folder}/config.json`),
  },
  {
    format: 'xml',
    rule: 'named-code',
    says: 'A text that begins as XML is YAML with such a configuration.',
    passing: example('begins-as-xml.yaml', () => utf8(`<a: 1\n_target_: ${known}\n`)),
    failing: evil(`${folder}/begins-as-xml.yaml`),
  },
  {
    format: 'safetensors',
    rule: 'named-code',
    says: 'Its metadata hold such a configuration.',
    passing: example('configured.safetensors', () =>
      safetensors([{ begin: 0, end: 8 }], 8, { config: config(known) }),
    ),
    failing: evil(`${folder}/metadata.safetensors`),
  },
  {
    format: 'onnx',
    rule: 'named-code',
    says: 'Its metadata hold such a configuration.',
    passing: example('configured.onnx', () => onnx(config(known))),
    failing: evil(`${folder}/metadata.onnx`),
  },
];

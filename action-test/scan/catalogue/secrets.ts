/** Keys in a model, wherever a format holds texts. */
import type { Format } from '../../../shared/models/scan/identify.ts';
import { join, utf8 } from '../bytes.ts';
import { hdf5 } from '../hdf5-writer.ts';
import { field, number } from '../protobuf-writer.ts';
import { type CatalogueEntry, example } from './entry.ts';
import { gguf, pair, safetensors } from './weights.ts';

/** The example of a key in the documentation of AWS; in two parts, so that nothing takes this file for a leak. */
const KEY = `AKIA${'IOSFODNN7EXAMPLE'}`;
const PLACEHOLDER = 'taken from the environment';

const HOLDERS: readonly { format: Format; name: string; hold(text: string): Uint8Array }[] = [
  { format: 'text', name: 'settings.txt', hold: (text) => utf8(`access = ${text}\n`) },
  { format: 'json', name: 'settings.json', hold: (text) => utf8(JSON.stringify({ access: text })) },
  {
    format: 'xml',
    name: 'settings.pmml',
    hold: (text) => utf8(`<?xml version="1.0"?><PMML copyright="${text}"/>`),
  },
  { format: 'hdf5', name: 'settings.h5', hold: (text) => hdf5(JSON.stringify({ access: text })) },
  {
    format: 'safetensors',
    name: 'settings.safetensors',
    hold: (text) => safetensors([{ begin: 0, end: 8 }], 8, { access: text }),
  },
  { format: 'gguf', name: 'settings.gguf', hold: (text) => gguf([pair('general.description', text)]) },
  {
    format: 'onnx',
    name: 'settings.onnx',
    hold: (text) => join(number(1, 10), field(6, text), field(7, field(1, field(4, 'Relu')))),
  },
  {
    format: 'saved-model',
    name: 'settings.pb',
    hold: (text) =>
      join(
        number(1, 1),
        field(2, field(2, field(1, field(2, 'Const'), field(5, field(2, field(8, field(8, text))))))),
      ),
  },
  {
    format: 'coreml',
    name: 'settings.mlsettings',
    hold: (text) =>
      join(number(1, 8), field(2, field(100, field(1, text))), field(500, field(1, field(1, 'a')))),
  },
];

export const SECRETS: readonly CatalogueEntry[] = HOLDERS.map(({ format, name, hold }) => ({
  format,
  rule: 'secret',
  says: 'A text in it is a key of AWS.',
  passing: example(name, () => hold(PLACEHOLDER)),
  failing: example(`key-in-${name}`, () => hold(KEY)),
}));

/** Keras models whose configuration is written so that only its loader takes it for JSON. */
import { join, u32, utf8 } from '../bytes.ts';
import { zip } from '../zip-writer.ts';
import type { EvilFile } from './evil-file.ts';

/** As Keras 3.15 writes it, but for the code of the function, which is none. */
const CONFIG = JSON.stringify({
  module: 'keras',
  class_name: 'Sequential',
  config: {
    name: 'sequential',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'Lambda',
        config: {
          name: 'lambda',
          function: { class_name: '__lambda__', config: { code: '4wEAAAA=', defaults: null, closure: null } },
        },
      },
    ],
  },
});

const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));
const swapped = (bytes: Uint8Array): Uint8Array => new Uint8Array(Buffer.from(bytes).swap16());
const utf32 = (text: string): Uint8Array => join(...[...text].map((letter) => u32(letter.codePointAt(0)!)));

const file = (name: string, config: () => Uint8Array, rule: EvilFile['rule'] = 'keras-code'): EvilFile => ({
  name,
  technique: 'a configuration in another encoding',
  gadget: 'Lambda',
  rule,
  make: () =>
    zip([
      { name: 'metadata.json', content: utf8('{"keras_version":"3.15.1"}') },
      { name: 'config.json', content: config(), deflated: true },
      { name: 'model.weights.h5', content: new Uint8Array() },
    ]),
});

/** Each of them loads in Keras 3.15, and runs its Lambda. */
export const ENCODINGS: readonly EvilFile[] = [
  file('mark-of-utf-8.keras', () => utf8(`\ufeff${CONFIG}`)),
  file('blanks-first.keras', () => utf8(`${' '.repeat(40)}${CONFIG}`)),
  file('mark-and-blanks-first.keras', () => utf8(`\ufeff${'\n\t'.repeat(40)}${CONFIG}`)),
  file('thousands-of-blanks-first.keras', () => utf8(`${' '.repeat(5_000)}${CONFIG}`), 'cannot-look-into'),
  file('utf-16-le.keras', () => utf16(CONFIG)),
  file('utf-16-be.keras', () => swapped(utf16(CONFIG))),
  file('utf-16-with-mark.keras', () => utf16(`\ufeff${CONFIG}`)),
  file('utf-16-behind-blanks.keras', () => utf16(`\n\n${CONFIG}`)),
  file('utf-32-le.keras', () => utf32(CONFIG)),
  file('utf-32-with-mark.keras', () => utf32(`\ufeff${CONFIG}`)),
];

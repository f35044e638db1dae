/** What loaders run that ordinary scans of pickles pass over: pickles in HDF5 and JSON, templates in files, code of the Hub. */
import { join, utf8 } from '../bytes.ts';
import { hdf5, hdf5WithConvertedObject, hdf5WithObject } from '../hdf5-writer.ts';
import * as p from '../pickle-writer.ts';
import { zip } from '../zip-writer.ts';
import { COMMAND, type EvilFile, importing, PLAIN_GADGET, plainEvil } from './evil-file.ts';

/** Protocol 0, in which PyTables writes attributes. */
const oldest = utf8(`cposix\nsystem\np0\n(V${COMMAND}\np1\ntp2\nRp3\n.`);
const HDF5: Record<string, () => Uint8Array> = {
  'attribute.h5': () => hdf5(oldest),
  'attribute-by-inst.h5': () => hdf5(utf8(`(S'${COMMAND}'\niposix\nsystem\n.`)),
  'attribute-of-texts.h5': () =>
    hdf5(join(p.stackGlobal('posix', 'system'), p.texts(COMMAND), p.REDUCE, p.STOP)),
  'attribute-with-a-mark.h5': () => hdf5(plainEvil(2)),
  'object.h5': () =>
    hdf5WithObject(p.pickle(5, p.frame(join(p.stackGlobal('posix', 'system'), p.texts(COMMAND), p.REDUCE)))),
  'object-without-a-mark.h5': () => hdf5WithObject(oldest),
  'object-by-inst.h5': () => hdf5WithObject(utf8(`(S'${COMMAND}'\niposix\nsystem\n.`)),
};

const CONVERTED: readonly EvilFile[] = (
  [
    ['object-of-swapped-numbers.h5', 'big-endian'],
    ['object-in-the-middle-of-numbers.h5', 'a byte in the middle'],
  ] as const
).map(([name, numbers]) => ({
  name,
  technique: 'a pickle in HDF5 that is none before HDF5 has read it',
  gadget: 'PSEUDOATOM',
  rule: 'cannot-look-into',
  make: () => hdf5WithConvertedObject(oldest, numbers),
}));

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
/** As Stable-Baselines3 saves an agent. */
const agent = (serialized: string): Uint8Array =>
  zip([
    {
      name: 'data',
      content: utf8(
        JSON.stringify({
          policy_class: { ':type:': "<class 'abc.ABCMeta'>", ':serialized:': serialized },
          gamma: 0.99,
        }),
      ),
    },
    { name: '_stable_baselines3_version', content: utf8('2.4.0') },
  ]);
const SERIALIZED: Record<string, () => Uint8Array> = {
  'agent.zip': () => agent(base64(plainEvil(4))),
  'agent-without-a-mark.zip': () => agent(base64(oldest)),
  'agent-in-lines.zip': () => agent(base64(plainEvil(4)).replace(/(.{10})/g, '$1\n')),
  'under-another-key.json': () => utf8(JSON.stringify({ state: base64(plainEvil(2)) })),
};

const file = (
  technique: string,
  rule: EvilFile['rule'],
  name: string,
  gadget: string,
  text: string,
): EvilFile => ({ name, technique, gadget, rule, make: () => utf8(text) });

const template = (name: string, text: string): EvilFile =>
  file('a chat template that reaches for Python without saying so', 'template-code', name, text, text);
const config = (text: string): string => JSON.stringify({ chat_template: text });
const hiddenLetters = `{% set u='%c%c'|format(95,95) %}{% set n=namespace(a=1) %}{{ n[u~'class'~u][u~'init'~u]['os'] }}`;
const TEMPLATES: readonly EvilFile[] = [
  template('chat_template.jinja', `{{ cycler.__init__.__globals__.os.popen('${COMMAND}').read() }}`),
  template('additional_chat_templates/tools.jinja', "{{ messages | attr('__class__') }}"),
  template('letters/tokenizer_config.json', config(hiddenLetters)),
  template('letters-later/tokenizer_config.json', config("{% set f='%c' %}{% set u=f|format(95) %}{{ u }}")),
  template('words/tokenizer_config.json', config("{{ messages[u~'globals'~u] }}")),
  template('escaped/tokenizer_config.json', config("{{ messages[u~'glo\\x62als'~u] }}")),
];

const named = (name: string, gadget: string, text: string): EvilFile =>
  file('code that a loader takes by a name of its own', 'named-code', name, gadget, text);
const mlflow = (flavor: string): string =>
  `flavors:\n  python_function: {loader_module: mlflow.transformers}\n  transformers:\n    ${flavor}\n`;
const NAMED: readonly EvilFile[] = [
  named(
    'hub/MLmodel',
    'EvilForCausalLM',
    mlflow('pipeline_model_type: EvilForCausalLM\n    source_model_name: someone/evil'),
  ),
  named(
    'jsonpickle.json',
    'posix.system',
    `{"py/reduce": [{"py/function": "posix.system"}, {"py/tuple": ["${COMMAND}"]}]}`,
  ),
  named(
    'jsonpickle-object.json',
    'subprocess.Popen',
    `{"py/object": "subprocess.Popen", "args": ["${COMMAND}"]}`,
  ),
  named('jsonpickle-text.json', 'os.system', `{"py/repr": "os/os.system('${COMMAND}')"}`),
  named(
    'logging.yaml',
    'os.system',
    `version: 1\nhandlers:\n  h:\n    (): os.system\n    command: ${COMMAND}\n`,
  ),
  named(
    'logging.json',
    'os.system',
    `{"version": 1, "handlers": {"h": {"()": "os.system", "command": "${COMMAND}"}}}`,
  ),
  named(
    'logging-class.yaml',
    'subprocess.Popen',
    `version: 1\nhandlers:\n  h:\n    class: subprocess.Popen\n    args: ${COMMAND}\n`,
  ),
  named(
    'metadata/part-00000',
    'evil.Stage',
    '{"class": "evil.Stage", "sparkVersion": "3.5", "paramMap": {"language": "Python"}}',
  ),
  {
    name: 'model.mar',
    technique: 'code that a loader takes by a name of its own',
    gadget: 'handler.py',
    rule: 'named-code',
    make: () =>
      zip([
        {
          name: 'MAR-INF/MANIFEST.json',
          content: utf8('{"model": {"handler": "handler.py", "serializedFile": "m.pt"}}'),
        },
        { name: 'handler.py', content: utf8("print('scanned')\n") },
      ]),
  },
  file(
    'code that a loader takes by a name of its own',
    'external-data',
    'elsewhere/MLmodel',
    '/some/where/else',
    mlflow('model_local_base: /some/where/else'),
  ),
];

export const REACHED_BY_LOADERS: readonly EvilFile[] = [
  ...importing('a pickle in HDF5', HDF5, 'system'),
  ...CONVERTED,
  ...importing('a pickle in a text of JSON', SERIALIZED, 'system'),
  {
    name: 'agent-in-odd-letters.zip',
    technique: 'a pickle in a text of JSON',
    gadget: PLAIN_GADGET,
    rule: 'cannot-look-into',
    make: () => agent(`!${base64(plainEvil(4))}`),
  },
  ...TEMPLATES,
  ...NAMED,
];

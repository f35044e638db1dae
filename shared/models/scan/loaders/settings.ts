import { JsonStream } from '../formats/json-stream.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { reportOnce } from '../text/once.ts';

/** A class or function by its whole name, as Python imports it. */
const DOTTED = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;

/** By the name of a file: which of its texts name what is imported, and in which modules that belongs. */
const NAMED: readonly [file: RegExp, key: RegExp, known: RegExp][] = [
  // MLServer imports the runtime, with the folder of the model among those that Python imports from.
  [/^model-settings\.json$/i, /^implementation$/, /^mlserver(?:_[a-z]+)?\./],
  // sentence-transformers makes one object of each of these.
  [/^modules\.json$/i, /^type$/, /^sentence_transformers\./],
  // MLflow makes one object of each of these for LlamaIndex.
  [/^settings\.json$/i, /^object_constructor$/, /^llama_index\./],
  [/^router_config\.json$/i, /^/, /^sentence_transformers\./],
  [
    /^(?:config|config_sentence_transformers)\.json$/i,
    /^(?:activation_function|activation_fn|sbert_ce_default_activation_function)$/,
    /^(?:torch\.nn|transformers|sentence_transformers)\./,
  ],
];
/** PEFT imports the module under the first of these, and takes from it what the second names. */
const PEFT_LIBRARY = 'parent_library';
const PEFT_KNOWN = /^(?:transformers|diffusers|peft|sentence_transformers|timm|torch)(?:\.|$)/;

/** Looks into the settings of loaders that make objects of classes which the settings name. */
export async function scanSettings({ reader, place }: ScanInput, context: ScanContext): Promise<void> {
  const report = reportOnce(context.report);
  const file = (place.members.at(-1) ?? place.file).split(/[/\\]/).at(-1)!;
  const named = NAMED.filter(([files]) => files.test(file));
  const keys: string[] = [];
  const json = new JsonStream({
    open: () => keys.push(''),
    close: () => keys.pop(),
    key: (name) => {
      keys[keys.length - 1] = name;
    },
    value: (value) => {
      const key = keys.at(-1) ?? '';
      if (typeof value !== 'string') return;
      const isForeign = named.some(([, telling, known]) => telling.test(key) && !known.test(value));
      const isLibrary = /^adapter_config/i.test(file) && key === PEFT_LIBRARY && !PEFT_KNOWN.test(value);
      if (!(isForeign && DOTTED.test(value)) && !isLibrary) return;
      const what = `\`${value.slice(0, 200)}\` is imported, as ${JSON.stringify(key.slice(0, 200))} says.`;
      report({ rule: 'named-code', offset: json.offset, what, name: value });
    },
    duplicate: () => undefined,
  });
  while (json.problem === undefined && (await reader.ensure(1))) {
    context.signal.throwIfAborted();
    json.push(reader.bytes.subarray(reader.position, reader.end));
    reader.position = reader.end;
  }
  json.finish();
}

import { JsonStream } from '../formats/json-stream.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { reportOnce } from '../text/once.ts';

/** A class or function by its whole name, as Python imports it. */
const DOTTED = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/;

const OF_SPARK = /^(?:org|com|net|io|ai|ml)\.|^(?:pyspark\.ml|xgboost\.spark|synapse\.ml|sparknlp)\./;

/** By the name of a file: which of its texts name what is imported, and in which modules that belongs. */
const NAMED: readonly [file: RegExp, key: RegExp, known: RegExp][] = [
  // MLServer imports the runtime, with the folder of the model among those that Python imports from.
  [/^model-settings\.json$/i, /^implementation$/, /^mlserver(?:_[a-z]+)?\./],
  // sentence-transformers makes one object of each of these.
  [/^modules\.json$/i, /^type$/, /^sentence_transformers\./],
  // MLflow makes one object of each of these for LlamaIndex.
  [/^settings\.json$/i, /^object_constructor$/, /^llama_index\./],
  // Spark's reader of Python imports the class of each stage.
  [/^part-\d+$/i, /^class$/, OF_SPARK],
  [/^router_config\.json$/i, /^/, /^sentence_transformers\./],
  [
    /^(?:config|config_sentence_transformers)\.json$/i,
    /^(?:activation_function|activation_fn|sbert_ce_default_activation_function)$/,
    /^(?:torch\.nn|transformers|sentence_transformers)\./,
  ],
];
/** The handlers that TorchServe has; of any other name it runs the Python file, or imports the module. */
const HANDLERS =
  /^(?:image_classifier|image_segmenter|object_detector|text_classifier|text_handler|vision_handler|base_handler|request_envelope)$/;
/** Libraries, and pipelines of its own, of which diffusers takes parts. */
const OF_DIFFUSERS =
  /^(?:diffusers|transformers|onnxruntime|optimum|peft|torch|flax|k_diffusion|stable_diffusion\w*|deepfloyd_if|kandinsky\w*|audioldm\w*|latent_diffusion|paint_by_example|shap_e|stable_audio|stable_cascade|unidiffuser|wuerstchen|versatile_diffusion|semantic_stable_diffusion|controlnet\w*|t2i_adapter|alt_diffusion|bl?ip_diffusion|musicldm|pag|pia|flux\w*|hunyuan\w*|cogv\w+|ledits_pp|consisid|mochi|ltx\w*|wan\w*|lumina\w*|sana\w*|qwen\w*|omnigen\w*)(?:\.|$)/;
/** PEFT imports the module under the first of these, and takes from it what the second names. */
const PEFT_LIBRARY = 'parent_library';
const PEFT_KNOWN = /^(?:transformers|diffusers|peft|sentence_transformers|timm|torch)(?:\.|$)/;

/** Looks into the settings of loaders that make objects of classes which the settings name. */
export async function scanSettings({ reader, place }: ScanInput, context: ScanContext): Promise<void> {
  const report = reportOnce(context.report);
  const file = (place.members.at(-1) ?? place.file).split(/[/\\]/).at(-1)!;
  const named = NAMED.filter(([files]) => files.test(file));
  const isOfHandlers = /^MANIFEST\.json$/i.test(file);
  const isOfDiffusers = /^model_index\.json$/i.test(file);
  const keys: string[] = [];
  /** Of each part that is open: how many values came in it. */
  const counts: number[] = [];
  const json = new JsonStream({
    open: () => {
      keys.push('');
      counts.push(0);
    },
    close: () => {
      keys.pop();
      counts.pop();
    },
    key: (name) => {
      keys[keys.length - 1] = name;
    },
    value: (value) => {
      const key = keys.at(-1) ?? '';
      const count = counts.at(-1) ?? 0;
      counts[counts.length - 1] = count + 1;
      if (typeof value !== 'string') return;
      // A class in a list, the first of which is the module: the second way that diffusers names one.
      if (isOfDiffusers && keys.length === 2 && key === '' && count === 0 && !OF_DIFFUSERS.test(value)) {
        const what = `A part of the pipeline is taken from the module \`${value.slice(0, 200)}\`.`;
        report({ rule: 'remote-code', offset: json.offset, what });
      }
      if (isOfHandlers && (key === 'modelFile' || (key === 'handler' && !HANDLERS.test(value)))) {
        const what = `\`${value.slice(0, 200)}\` is run by TorchServe, as ${key} says.`;
        report({ rule: 'named-code', offset: json.offset, what, name: value });
      }
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

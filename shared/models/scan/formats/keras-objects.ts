import type { Found } from '../finding.ts';

/** What the JSON of one object of a Keras configuration says of the class that it stands for. */
export interface KerasObject {
  className: string | undefined;
  module: string | undefined;
  registeredName: string | undefined;
  /** Texts of the object `config` in it, by their keys; and `config` itself where it is a text. */
  config: ReadonlyMap<string, string>;
}

/** The root of a module whose layers Keras knows. */
const KERAS = new Set([
  'keras',
  'tf_keras',
  'tensorflow',
  'keras_hub',
  'keras_nlp',
  'keras_cv',
  'keras_core',
]);
/** Of other modules, what Keras itself writes. */
const PLAIN = new Set([
  'numpy.dtype',
  'numpy.ndarray',
  'numpy.float32',
  'numpy.float64',
  'numpy.int32',
  'numpy.int64',
]);
/** Functions in Keras and TensorFlow that load, download or switch off protections. */
const LOADING =
  /^(?:func_load|get_file|load_model|load_weights|save_model|enable_unsafe_deserialization|deserialize_keras_object|model_from_json|model_from_config|load_op_library|load_library|py_function|numpy_function|read_file|write_file|extract_archive|save_img|load_img|run_from_argv|TorchModuleWrapper|FlaxLayer|JaxLayer|TFSMLayer)$/;
/** Of Keras and TensorFlow, what no layer is made of: files, addresses, and programs of their own. */
const NOT_OF_LAYERS =
  /^(?:tf_)?keras(?:\.(?:src|api|_tf_keras))?\.(?:utils|saving|datasets|callbacks)(?:\.|$)|^tensorflow\.(?:.*\.)?(?:io|gfile|file_io|load_library|script_ops|sysconfig|saved_model|debugging|profiler|app|platform|compat\.v1\.app)(?:\.|$)/;
const LOOKUPS = /(?:Lookup|TextVectorization|Hashing)$/;
/** TensorFlow functions as layers: `io.read_file`, `raw_ops.PyFunc`. */
const FUNCTION_OF_FILES =
  /(?:^|\.)(?:io\.|py_function$|numpy_function$|py_func$|load_op_library$|load_library$|read_file$|write_file$|ReadFile$|WriteFile$|PyFunc|EagerPyFunc)/;

function root(module: string): string {
  return module.split('.', 1)[0]!;
}

function foreignModule(className: string, module: string): Omit<Found, 'offset'> | undefined {
  const name = `${module}.${className}`;
  const isKeras = KERAS.has(root(module)) && !NOT_OF_LAYERS.test(module);
  if (isKeras || PLAIN.has(name)) return undefined;
  if (module === 'builtins' && (className === 'function' || className === 'type'))
    return { rule: 'keras-custom-object', what: `A ${className} of the model's own is needed.` };
  return { rule: 'keras-module', what: `The class or function ${JSON.stringify(name)} is loaded.`, name };
}

function vocabulary(className: string, config: ReadonlyMap<string, string>): string | undefined {
  if (!LOOKUPS.test(className)) return undefined;
  return config.get('vocabulary') ?? config.get('idf_weights');
}

/** Judges one object. @returns what is wrong with it, without where. */
export function judgeKerasObject(object: KerasObject): Omit<Found, 'offset'>[] {
  const { className = '', module, registeredName, config } = object;
  const found: Omit<Found, 'offset'>[] = [];
  const plainName = className.slice(className.lastIndexOf('>') + 1);
  const shown = JSON.stringify(className);
  if (plainName === 'Lambda')
    found.push({ rule: 'keras-code', what: 'A Lambda layer runs a function of its own.' });
  else if (plainName === '__lambda__')
    found.push({ rule: 'keras-code', what: 'A function is stored as compiled Python code.' });
  else if (LOADING.test(plainName))
    found.push({ rule: 'keras-code', what: `${shown} loads files or code, or lets others do so.` });
  const operation = config.get('function') ?? '';
  if (plainName === 'TFOpLambda' && FUNCTION_OF_FILES.test(operation))
    found.push({ rule: 'keras-code', what: `A layer calls ${JSON.stringify(operation)}.` });
  const foreign = module === undefined || found.length > 0 ? undefined : foreignModule(className, module);
  if (foreign !== undefined) found.push(foreign);
  else if (found.length === 0 && registeredName?.includes('>'))
    found.push({
      rule: 'keras-custom-object',
      what: `The class ${JSON.stringify(registeredName)} is needed.`,
    });
  const file = vocabulary(plainName, config);
  if (file !== undefined) found.push({ rule: 'keras-file', what: `${shown} reads ${JSON.stringify(file)}.` });
  return found;
}

import type { Found } from '../finding.ts';

/** What the JSON of one object of a Keras configuration says of the class that it stands for. */
export interface KerasObject {
  className: string | undefined;
  module: string | undefined;
  registeredName: string | undefined;
  /** Texts of the object `config` in it, by their keys. */
  config: ReadonlyMap<string, string>;
  /** `config` itself where it is a text: the name of a function. */
  named?: string | undefined;
}

/** Where Keras keeps what models are made of, and nothing that loads files or switches protections off. */
const OF_KERAS =
  /^(?:(?:tf_)?keras|keras_core|tensorflow\.(?:python\.)?keras)(?:\.(?:src|api|keras|_tf_keras|_legacy|_?v[12]|__internal__|experimental))*(?:\.(?:activations|constraints|dtype_policies|engine|feature_column|initializers|layers|legacy_tf_layers|losses|metrics|mixed_precision|models|ops|optimizers|premade|premade_models|quantizers|random|regularizers|trainers)(?:\.\w+)*)?$/;
const OF_OTHERS =
  /^keras_(?:hub|nlp|cv)(?:\.(?:src|api))*(?:\.(?:core|layers|losses|metrics|modeling|models|samplers|tokenizers)(?:\.\w+)*)?$|^tensorflow(?:\.python\.(?:data\.ops|framework|ops\.ragged|trackable|training\.tracking|types)(?:\.\w+)*)?$/;
const ROOT = /^(?:(?:tf_)?keras|keras_(?:core|hub|nlp|cv)|tensorflow)(?:\.|$)/;
/** Where the functions are that only calculate, and which a layer may call. */
const OF_FUNCTIONS =
  /^(?:(?:tf_)?keras|keras_core)(?:\.src)?\.(?:activations|constraints|initializers|losses|metrics|ops|quantizers|random|regularizers)(?:\.\w+)*$/;
/** A function by PEP 8. What Keras writes as `__tensor__` is a value. */
const FUNCTION = /^_*[a-z]/;
const VALUE = /^__(?:bytes|ellipsis|keras_tensor|lambda|numpy|slice|tensor|typespec)__$/;
/** Layers among ready-made models, whose functions download. */
const OF_APPLICATIONS = /^(?:tf_)?keras(?:\.src)?\.applications\.convnext\.(?:LayerScale|StochasticDepth)$/;
/** The activations, losses and metrics of Keras, which it writes as functions that only have a name. */
const FUNCTIONS_OF_KERAS = new Set(
  `
  binary_accuracy binary_crossentropy binary_focal_crossentropy categorical_accuracy categorical_crossentropy
  categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge celu circle
  concordance_correlation cosine_similarity ctc dice elu exponential gelu glu hard_shrink hard_sigmoid hard_silu
  hard_swish hard_tanh hinge huber kl_divergence kullback_leibler_divergence leaky_relu linear log_cosh log_sigmoid
  log_softmax mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error mish
  pearson_correlation poisson relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign
  sparse_categorical_accuracy sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparse_top_k_categorical_accuracy
  sparsemax squared_hinge squareplus swish tanh tanh_shrink threshold top_k_categorical_accuracy tversky`
    .trim()
    .split(/\s+/),
);
/** Of other modules, what Keras itself writes. */
const PLAIN = new Set([
  'numpy.dtype',
  'numpy.ndarray',
  'numpy.float32',
  'numpy.float64',
  'numpy.int32',
  'numpy.int64',
]);
/** Functions and layers in Keras and TensorFlow that load, download or switch off protections. */
const LOADING =
  /^(?:func_load|get_file|load_model|load_model_from_hdf5|load_weights\w*|save_model|save_model_to_hdf5|save_weights\w*|enable_unsafe_deserialization|deserialize|deserialize_keras_object|model_from_json|model_from_yaml|model_from_config|load_op_library|load_library|py_function|numpy_function|read_file|write_file|extract_archive|save_img|load_img|run_from_argv|TorchModuleWrapper|FlaxLayer|JaxLayer|TFSMLayer)$/;
/** Of the functions of Python itself, which Keras finds too, those that run code, open files or reach into values. */
const OF_PYTHON =
  /^(?:__\w+__|breakpoint|classmethod|compile|copyright|credits|delattr|dir|eval|exec|exit|filter|getattr|globals|hasattr|help|input|iter|license|locals|map|max|min|next|open|print|property|quit|setattr|sorted|staticmethod|super|type|vars)$/;
const LOOKUPS = /(?:Lookup|TextVectorization|Hashing)$/;
/** TensorFlow functions as layers: `io.read_file`, `raw_ops.PyFunc`. */
const FUNCTION_OF_FILES =
  /^keras\.(?!(?:activations|backend|constraints|initializers|losses|metrics|regularizers)\.)|(?:^|\.)(?:io\.|saved_model\.|py_function$|numpy_function$|py_func$|load_op_library$|load_library$|read_file$|write_file$|ReadFile$|WriteFile$|PyFunc|EagerPyFunc)/;

interface Named {
  module: string | undefined;
  name: string;
}

/**
 * What Keras looks for: the class, or the function that `config` names, and the registered name where there is none.
 * The name may have dots in it, which Keras joins to the module.
 */
function namedBy({ className = '', module, registeredName, named }: KerasObject): Named[] {
  const name = className === 'function' ? (named ?? className) : className;
  const names = new Set([name, registeredName === 'function' ? name : (registeredName ?? name)]);
  return [...names].map((one) => {
    const plain = one.slice(one.lastIndexOf('>') + 1);
    const whole = module === undefined ? plain : `${module}.${plain}`;
    const end = whole.lastIndexOf('.');
    return { module: module === undefined ? undefined : whole.slice(0, end), name: whole.slice(end + 1) };
  });
}

/** Judges one name. @returns undefined where it is of Keras, or of nobody but the model. */
function judgeName({ module, name }: Named, isFunction: boolean): Omit<Found, 'offset'> | undefined {
  const shown = JSON.stringify(name);
  if (name === 'Lambda') return { rule: 'keras-code', what: 'A Lambda layer runs a function of its own.' };
  if (name === '__lambda__')
    return { rule: 'keras-code', what: 'A function is stored as compiled Python code.' };
  if (LOADING.test(name))
    return { rule: 'keras-code', what: `${shown} loads files or code, or lets others do so.` };
  if (module === undefined) return undefined;
  const whole = `${module}.${name}`;
  if (isFunction && module === 'builtins') {
    if (OF_PYTHON.test(name))
      return { rule: 'keras-code', what: `The function ${shown} of Python is called.` };
    return undefined;
  }
  const isOfKeras = OF_KERAS.test(module) || OF_OTHERS.test(module);
  const isCalled = isFunction || (isOfKeras && FUNCTION.test(name) && !VALUE.test(name));
  if (isCalled && ROOT.test(module)) {
    if (OF_FUNCTIONS.test(module)) return undefined;
    return {
      rule: 'keras-code',
      what: `The function ${JSON.stringify(whole)} is called, which is no layer.`,
    };
  }
  if (isOfKeras || OF_APPLICATIONS.test(whole) || PLAIN.has(whole) || whole === 'builtins.type')
    return undefined;
  const what = `The class or function ${JSON.stringify(whole)} is loaded.`;
  return { rule: 'keras-module', what, name: whole };
}

function vocabulary(className: string, config: ReadonlyMap<string, string>): string | undefined {
  if (!LOOKUPS.test(className)) return undefined;
  return config.get('vocabulary') ?? config.get('idf_weights');
}

/** What the model needs of its own: a function or class that Keras knows only by its name. */
function ownOfModel(className: string, name: string | undefined): string | undefined {
  if (className !== 'function' && className !== 'type') return undefined;
  if (name !== undefined && FUNCTIONS_OF_KERAS.has(name)) return undefined;
  return name === undefined
    ? `A ${className} of the model's own`
    : `The ${className} ${JSON.stringify(name)}`;
}

/** Judges one object. @returns what is wrong with it, without where. */
export function judgeKerasObject(object: KerasObject): Omit<Found, 'offset'>[] {
  const { className = '', module, registeredName, config, named: ownName } = object;
  const found: Omit<Found, 'offset'>[] = [];
  const plainName = className.slice(className.lastIndexOf('>') + 1);
  const isFunction = className === 'function';
  for (const named of namedBy(object)) {
    const problem = judgeName(named, isFunction);
    if (problem && !found.some(({ what }) => what === problem.what)) found.push(problem);
  }
  const operation = config.get('function') ?? '';
  if (plainName === 'TFOpLambda' && FUNCTION_OF_FILES.test(operation))
    found.push({ rule: 'keras-code', what: `A layer calls ${JSON.stringify(operation)}.` });
  const own = module === 'builtins' ? ownOfModel(className, ownName) : undefined;
  const custom =
    own ?? (registeredName?.includes('>') ? `The class ${JSON.stringify(registeredName)}` : undefined);
  if (found.length === 0 && custom !== undefined)
    found.push({ rule: 'keras-custom-object', what: `${custom} is needed.` });
  const file = vocabulary(plainName, config);
  if (file !== undefined)
    found.push({ rule: 'keras-file', what: `${JSON.stringify(className)} reads ${JSON.stringify(file)}.` });
  return found;
}

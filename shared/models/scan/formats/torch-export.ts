/**
 * What `torch.export.load` makes of the JSON of an exported program (`models/*.json` in a .pt2 file, or
 * `serialized_exported_program.json` before PyTorch 2.8): it evaluates expressions, looks operators up by their dotted
 * names, imports what the structure of the inputs names, and writes names into Python code that it runs
 * (torch/_export/serde/schema.py and serialize.py, torch/fx/graph.py, torch/export/_unlift.py).
 */
import type { Found } from '../finding.ts';
import { FILE_OPERATORS, KNOWN_NAMESPACES } from '../text/torch-script.ts';
import { MOST_TEXT } from './json-stream.ts';
import { strangeInExpression, strangeInGuard } from './torch-expression.ts';
import { judgeTreeSpec } from './torch-tree-spec.ts';

type Problem = Omit<Found, 'offset'>;

/** Keys of the outermost object under which the program lies; without the first, nothing loads it. */
const ROOTS = new Set(['graph_module', 'guards_code']);

/** In characters. A longer text comes cut, and one of escapes after a sixth of that. */
const MOST_JUDGED = Math.floor(MOST_TEXT / 6) - 6;

const OPERATOR = /^torch\.ops\.([A-Za-z]\w*|_[A-Za-z]\w*)\.(\w+)(?:\.([A-Za-z]\w*))?$/;
/** Attributes of `torch.ops` itself, which are no namespaces. */
const NO_NAMESPACES = new Set(['load_library', 'loaded_libraries', 'import_module']);
/** Of operators, as `torch.ops.aten.__and__.Tensor`. */
const OPERATOR_OF_PYTHON = /^__i?(?:and|or|xor|lshift|rshift)__$/;
/** Functions that are no operators: the allow-list of torch/_export/verifier.py, and arithmetic. */
const FUNCTIONS = new RegExp(
  `^(?:${[
    String.raw`torch\._?sym_[a-z0-9_]+`,
    String.raw`math\.[a-z][a-z0-9]*`,
    `_operator\\.(?:${[
      'eq|ne|le|ge|lt|gt|neg|pos|abs|index|not_|truth|is_|is_not|inv|invert|getitem|contains|concat',
      'add|sub|mul|matmul|truediv|floordiv|mod|pow|and_|or_|xor|lshift|rshift',
      'iadd|isub|imul|imatmul|itruediv|ifloordiv|imod|ipow|iand|ior|ixor|ilshift|irshift|setitem',
    ].join('|')})`,
    String.raw`torch\._C\._set_grad_enabled`,
    String.raw`torch\.(?:autograd\.grad_mode\.set_grad_enabled|amp\.autocast_mode\._(?:enter|exit)_autocast)`,
    String.raw`torch\.export\.custom_ops\._call_custom_autograd_function_in_pre_dispatch`,
    String.raw`torch\.fx\.experimental\.symbolic_shapes\.cast_symbool_to_symint_guardless`,
    `torch\\._functorch\\.predispatch\\.(?:${[
      '_(?:add|remove)_batch_dim|_(?:vmap|jvp)_(?:in|de)crement_nesting|lazy_load_decompositions',
      '_make_dual|_unpack_dual|_unwrap_for_grad|_(?:enter|exit)_dual_level',
    ].join('|')})`,
  ].join('|')})$`,
);

/** A name that torch writes into code as it is. */
const NAME = /^[\p{L}\p{M}\p{N}_]*$/u;
/** The way to a parameter: `layers.0.weight`; parts that are no names come between quotes. */
const PATH = /^[^"\\\p{Cc}]*$/u;

const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);

const isPython = (text: string, where: string): Problem[] => [
  { rule: 'python-expression', what: `${shown(text)} is written ${where}.` },
];

const strange = (part: string | undefined, where: string): Problem[] =>
  part === undefined ? [] : isPython(part, where);

/** Judges what a node of the graph calls, by its dotted name; the loader takes it from `torch`, `_operator` or `math`. */
export function judgeTarget(target: string): Problem[] {
  const [, namespace = '', operator = '', overload] = OPERATOR.exec(target) ?? [];
  const isOperator =
    namespace !== '' &&
    !NO_NAMESPACES.has(namespace) &&
    !namespace.includes('__') &&
    (!operator.startsWith('__') || OPERATOR_OF_PYTHON.test(operator)) &&
    (namespace !== 'higher_order' || overload === undefined);
  if (isOperator && FILE_OPERATORS.has(`${namespace}.${operator}`))
    return [{ rule: 'file-operator', what: `The program calls ${namespace}.${operator}.` }];
  const library = isOperator ? namespace : /^#(\w+):\w+$/.exec(target)?.[1];
  if (library !== undefined)
    return KNOWN_NAMESPACES.has(library) && isOperator
      ? []
      : [
          {
            rule: 'unknown-operator',
            what: `An operator is of the library ${shown(library)}: ${shown(target)}.`,
          },
        ];
  if (FUNCTIONS.test(target)) return [];
  // What is longer than names in scan-allow may be, nobody can allow.
  const name = target.length <= 1_000 && { name: target };
  return [{ rule: 'named-code', what: `${shown(target)} is called.`, ...name }];
}

const judgeName = (text: string): Problem[] =>
  NAME.test(text) ? [] : isPython(text, 'where a name belongs');
const judgePath = (text: string): Problem[] =>
  PATH.test(text) ? [] : isPython(text, 'where the name of a part of the model belongs');

/** By the key under which a text lies. */
const JUDGES: ReadonlyMap<string, (text: string) => Problem[]> = new Map([
  ['expr_str', (text) => strange(strangeInExpression(text), 'in an expression of a size')],
  ['guards_code', (text) => strange(strangeInGuard(text), 'in a condition on the inputs')],
  ['target', judgeTarget],
  ['as_operator', judgeTarget],
  ['in_spec', judgeTreeSpec],
  ['out_spec', judgeTreeSpec],
  ['name', judgeName],
  ['as_name', judgeName],
  ['forward_arg_names', judgeName],
  ['user_input_name', judgePath],
  ['parameter_name', judgePath],
  ['buffer_name', judgePath],
  ['tensor_constant_name', judgePath],
  ['custom_obj_name', judgePath],
  ['fqn', judgePath],
]);

/** @param root a key of the outermost object. @returns whether an exported program may lie under it. */
export const isExportedProgram = (root: string): boolean => ROOTS.has(root);

/** @param key under which a text lies in an exported program. @returns whether the text is looked at. */
export const isTakenByTorchExport = (key: string): boolean => JUDGES.has(key);

/** Judges a text of an exported program by its key. @returns what is wrong with it, without where. */
export function judgeExported(key: string, text: string): Problem[] {
  const judge = JUDGES.get(key);
  if (judge === undefined) return [];
  if (text.length < MOST_JUDGED) return judge(text);
  return [{ rule: 'cannot-look-into', what: `A text under ${shown(key)} is longer than any program needs.` }];
}

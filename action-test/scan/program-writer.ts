/** Exported programs of PyTorch, with the members and keys that `torch.export.save` writes (torch/_export/serde/schema.py). */
import { utf8 } from './bytes.ts';
import { zip } from './zip-writer.ts';

/** What differs from a program that adds one to a tensor with a first dimension of any size. */
export interface ProgramParts {
  /** Of the size of the input. */
  expression?: string;
  guards?: readonly string[];
  target?: string;
  /** The first argument of what is called, as a key and a value of the schema. */
  argument?: object;
  /** The name of that argument. */
  keyword?: string;
  /** Of the input, wherever it is named. */
  name?: string;
  argumentNames?: readonly string[];
  /** Of the inputs, as nested JSON. */
  spec?: unknown;
  /** The text of `in_spec`, where it is not the JSON of `spec`. */
  inSpec?: string;
  /** Of a parameter. */
  parameter?: string;
}

export const LEAF = { type: null, context: null, children_spec: [] };
export const tree = (type: string, context: unknown, ...children: readonly object[]): object => ({
  type,
  context,
  children_spec: children,
});
const ONE_INPUT = tree(
  'builtins.tuple',
  'null',
  tree('builtins.tuple', 'null', LEAF),
  tree('builtins.dict', '[]'),
);

/** The JSON of a program. */
export function program(parts: ProgramParts = {}): object {
  const { name = 'x', expression = "Symbol('s0', positive=True, integer=True)" } = parts;
  const tensor = (text: string): object => ({
    dtype: 7,
    sizes: [{ as_expr: { expr_str: text, hint: { as_int: 6 } } }],
    requires_grad: false,
    device: { type: 'cpu', index: null },
    strides: [{ as_int: 1 }],
    storage_offset: { as_int: 0 },
    layout: 7,
  });
  const input = { as_tensor: { name } };
  const output = { as_tensor: { name: 'add' } };
  return {
    graph_module: {
      graph: {
        inputs: [input],
        outputs: [output],
        nodes: [
          {
            target: parts.target ?? 'torch.ops.aten.add.Tensor',
            inputs: [
              { name: parts.keyword ?? 'self', arg: parts.argument ?? input, kind: 1 },
              { name: 'other', arg: { as_int: 1 }, kind: 1 },
            ],
            outputs: [output],
            metadata: { stack_trace: 'File "train.py", line 3, in forward\n    return x + 1' },
            is_hop_single_tensor_return: null,
            name: 'add',
          },
        ],
        tensor_values: { [name]: tensor(expression), add: tensor(expression) },
        sym_int_values: {},
        sym_bool_values: {},
        is_single_tensor_return: false,
        custom_obj_values: {},
        sym_float_values: {},
      },
      signature: {
        input_specs: [
          ...(parts.parameter === undefined
            ? []
            : [{ parameter: { arg: { name: 'p_weight' }, parameter_name: parts.parameter } }]),
          { user_input: { arg: input } },
        ],
        output_specs: [{ user_output: { arg: output } }],
      },
      module_call_graph: [
        {
          fqn: '',
          signature: {
            inputs: [],
            outputs: [],
            in_spec: parts.inSpec ?? JSON.stringify([1, parts.spec ?? ONE_INPUT]),
            out_spec: JSON.stringify([1, LEAF]),
            forward_arg_names: parts.argumentNames ?? ['x'],
          },
        },
      ],
      metadata: {},
      treespec_namedtuple_fields: {},
    },
    opset_version: { aten: 10 },
    range_constraints: { s0: { min_val: 2, max_val: null } },
    schema_version: { major: 8, minor: 20 },
    verifiers: ['TRAINING'],
    torch_version: '2.15.0',
    guards_code: parts.guards ?? ["L['x'].size()[0] >= 2"],
  };
}

/**
 * A .pt2 file.
 * @param json of its program, in the member of this name. @param more members, below the same folder.
 */
export function exportedProgram(
  json: string,
  model = 'model',
  more: Record<string, string | Uint8Array> = {},
): Uint8Array {
  const members: Record<string, string | Uint8Array> = {
    [`data/weights/${model}_weights_config.json`]: '{"config": {}}',
    [`data/constants/${model}_constants_config.json`]: '{"config": {}}',
    [`models/${model}.json`]: json,
    archive_format: 'pt2',
    archive_version: '0',
    '.data/version': '6\n',
    byteorder: 'little',
    ...more,
  };
  return zip(
    Object.entries(members).map(([name, content]) => ({
      name: `program/${name}`,
      content: typeof content === 'string' ? utf8(content) : content,
    })),
  );
}

/** As PyTorch before 2.8 saved one. */
export const olderProgram = (json: string): Uint8Array =>
  zip([
    { name: 'version', content: utf8('8.7') },
    { name: 'serialized_exported_program.json', content: utf8(json) },
  ]);

import { describe, expect, test } from 'vitest';
import { rulesBroken } from '../../../testing/scan-bytes.ts';
import { scanJson } from '../text/json.ts';
import { judgeExported, judgeTarget } from './torch-export.ts';

const rules = (found: readonly { rule: string }[]) => found.map(({ rule }) => rule);

describe('judgeTarget', () => {
  test.each([
    'torch.ops.aten.add.Tensor',
    'torch.ops.aten.__and__.Tensor',
    'torch.ops.aten._assert_scalar.default',
    'torch.ops.higher_order.cond',
    'torch.ops.quantized_decomposed.quantize_per_tensor.default',
    'torch.ops.torchvision.nms.default',
    'torch.sym_max',
    'torch._sym_sqrt',
    'torch._functorch.predispatch._add_batch_dim',
    'torch._C._set_grad_enabled',
    '_operator.floordiv',
    '_operator.getitem',
    'math.trunc',
  ])('passes %s', (target) => {
    expect(judgeTarget(target)).toEqual([]);
  });

  test.each([
    ['torch.os.system', 'named-code'],
    ['torchx.os.system', 'named-code'],
    ['torch.load', 'named-code'],
    ['torch.ops.load_library', 'named-code'],
    ['torch.ops.load_library.__call__', 'named-code'],
    ['torch.ops.import_module.x', 'named-code'],
    ['torch.ops.aten.add.Tensor.__class__', 'named-code'],
    ['torch.ops.aten.__class__.mro', 'named-code'],
    ['torch.ops.__class__.mro', 'named-code'],
    ['torch.ops.higher_order.cond.py_impl', 'named-code'],
    ['torch._functorch.predispatch.torch', 'named-code'],
    ['torch._functorch.predispatch.torch.load', 'named-code'],
    ['_operator.methodcaller', 'named-code'],
    ['_operatorx.call', 'named-code'],
    ['math.__loader__', 'named-code'],
    ['mathx.floor', 'named-code'],
    ['torch.ops.aten.add\n.Tensor', 'named-code'],
    ['', 'named-code'],
    ['torch.ops.aten.from_file.default', 'file-operator'],
    ['torch.ops.aten.from_file.out', 'file-operator'],
    ['torch.ops.aten.save', 'file-operator'],
    ['torch.ops.image.write_file.default', 'file-operator'],
    ['torch.ops.churn.encode.default', 'unknown-operator'],
    ['#churn:encode', 'unknown-operator'],
    ['#aten:add', 'unknown-operator'],
  ])('tells of %j that it is %s', (target, rule) => {
    expect(rules(judgeTarget(target))).toEqual([rule]);
  });

  test('names what an entry of scan-allow may let through', () => {
    expect(judgeTarget('churn.own.relu')).toMatchObject([{ name: 'churn.own.relu' }]);
  });
});

const LEAF = { type: null, context: null, children_spec: [] };
const tree = (type: string, context: unknown, ...children_spec: object[]) => ({
  type,
  context,
  children_spec,
});
const inputs = (names: readonly unknown[]) =>
  tree(
    'builtins.tuple',
    'null',
    tree('builtins.tuple', 'null'),
    tree('builtins.dict', JSON.stringify(names)),
  );
const factory = (module: unknown, name: unknown) =>
  tree('collections.defaultdict', {
    default_factory_module: module,
    default_factory_name: name,
    dict_context: [],
  });
const enumeration = JSON.stringify(['a', { __enum__: true, fqn: 'churn:Kind', name: 'A' }]);

describe('judgeExported', () => {
  test.each([
    inputs(['input_ids', 'größe']),
    factory('builtins', 'list'),
    factory('collections', 'OrderedDict'),
    tree('builtins.dict', JSON.stringify(['my key', "it's", 3])),
    tree('collections.namedtuple', 'churn.Point', LEAF, LEAF),
    tree('collections.deque', 'null', LEAF),
    LEAF,
  ])('passes the structure of inputs %j', (spec) => {
    expect(judgeExported('in_spec', JSON.stringify([1, spec]))).toEqual([]);
  });

  test.each([
    [inputs(['x=1']), 'python-expression'],
    [inputs([['x']]), 'python-expression'],
    [factory('os', 'getcwd'), 'named-code'],
    [factory('builtins', 'exec'), 'named-code'],
    [factory('collections', '_sys'), 'named-code'],
    [factory(['os'], 'x'), 'named-code'],
    [tree('builtins.dict', enumeration, LEAF), 'named-code'],
    [tree('builtins.dict', JSON.stringify(enumeration), LEAF), 'named-code'],
    [tree('builtins.list', 'null', tree('builtins.dict', enumeration, LEAF)), 'named-code'],
    [tree('builtins.dict', '[NaN, {}]', LEAF), 'cannot-look-into'],
  ])('tells of the structure %j that it is %s', (spec, rule) => {
    expect(rules(judgeExported('out_spec', JSON.stringify([1, spec])))).toEqual([rule]);
  });

  test('tells a structure that only Python reads, and one that is too long', () => {
    expect(rules(judgeExported('in_spec', '[1, NaN]'))).toEqual(['cannot-look-into']);
    expect(rules(judgeExported('in_spec', `[${'0,'.repeat(200_000)}0]`))).toEqual(['cannot-look-into']);
  });

  test.each([
    ['name', 'add_1', true],
    ['name', '', true],
    ['as_name', 'größe', true],
    ['name', 'x=1', false],
    ['as_name', 'x\n', false],
    ['forward_arg_names', 'x:1', false],
    ['parameter_name', 'layers.0.my weight-1', true],
    ['buffer_name', 'a"b', false],
    ['fqn', 'a\\', false],
    ['stack_trace', 'File "train.py", line 3', true],
  ])('takes %s %j for a name: %s', (key, text, isName) => {
    expect(rules(judgeExported(key, text))).toEqual(isName ? [] : ['python-expression']);
  });
});

describe('scanJson of an exported program', () => {
  const node = (more: object) => JSON.stringify({ graph_module: { graph: { nodes: [more] } } });

  test.each([
    [node({ target: 'torch.os.system' }), ['named-code']],
    [node({ inputs: [{ arg: { as_operator: 'torch.os.system' } }] }), ['named-code']],
    [node({ inputs: [{ arg: { as_graph: { graph: { nodes: [{ target: 'evil' }] } } } }] }), ['named-code']],
    ['{"guards_code": ["exec(1)"]}', ['python-expression']],
    ['{"guards_code": [["exec(1)"]]}', ['python-expression']],
    [node({ target: 'evil' }).replace('target', 't\\u0061rget'), ['named-code']],
    [node({ target: 'evil' }).replace('graph_module', 'graph\\u005fmodule'), ['named-code']],
    ['{"graph_module": {"graph": {"nodes": [{"target": "evil"', ['named-code', 'unreadable']],
    [`{"a": ${'['.repeat(600)}`, ['cannot-look-into']],
    // What is called so in other files is a name.
    ['{"nodes": [{"target": "evil", "name": "x y"}], "expr_str": "exec(1)"}', []],
    ['{"a": {"graph_module": {"target": "evil"}}}', []],
    ['[{"graph_module": {"target": "evil"}}]', []],
    ['{"graph_module": {}, "target": "evil"}', []],
    [node({ metadata: { stack_trace: 'a "b"', torch_fn: 'x;y' }, name: 'x' }), []],
  ])('of %.80s', async (text, expected) => {
    expect(await rulesBroken(scanJson, Buffer.from(text), 7)).toEqual(expected);
  });

  test('tells of one call behind a hundred operators of a library', async () => {
    const nodes = Array.from({ length: 150 }, (_, index) => ({ target: `torch.ops.churn.op${index}` }));
    const text = JSON.stringify({
      graph_module: { graph: { nodes: [...nodes, { target: 'torch.os.system' }] } },
    });
    expect((await rulesBroken(scanJson, Buffer.from(text))).at(-1)).toBe('named-code');
  });

  test('tells an expression that was cut', async () => {
    const long = node({ expr_str: 'PLACE' }).replace('PLACE', `${'\\u0031+'.repeat(150_000)}exec(1)`);
    expect(await rulesBroken(scanJson, Buffer.from(long))).toEqual(['cannot-look-into']);
  });
});

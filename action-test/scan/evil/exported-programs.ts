/** Exported programs of PyTorch with Python in them where numbers, names and operators belong. */
import { exportedProgram, LEAF, olderProgram, type ProgramParts, program, tree } from '../program-writer.ts';
import { zip } from '../zip-writer.ts';
import type { EvilFile } from './evil-file.ts';
import { COMMAND, PLAIN_GADGET, plainEvil, SCRIPT } from './evil-file.ts';

const evil = (
  name: string,
  gadget: string,
  make: () => Uint8Array,
  rule: EvilFile['rule'] = 'python-expression',
): EvilFile => ({ name, technique: 'code in an exported program', gadget, rule, make });

const changed = (name: string, gadget: string, parts: ProgramParts, rule?: EvilFile['rule']): EvilFile =>
  evil(name, gadget, () => exportedProgram(JSON.stringify(program(parts))), rule);

const SAY = `exec("${SCRIPT}")`;
const IMPORT = `__import__('os').system('${COMMAND}')`;

/** Of any more than this, JSON in JSON is not followed; Python follows it. */
const DEEP = `${'['.repeat(600)}${']'.repeat(600)}`;
const deep = (): string =>
  JSON.stringify({ deep: 0, ...program({ expression: IMPORT }) }).replace(':0', `:${DEEP}`);

export const EXPORTED_PROGRAMS: readonly EvilFile[] = [
  changed('expression.pt2', 'os.system', { expression: IMPORT }),
  // sympy evaluates each text that its functions are given.
  changed('text-in-expression.pt2', 'os.system', { expression: `Max("${IMPORT}", 1)` }),
  changed('text-of-symbol.pt2', 'os.system', { expression: `Symbol('s0').func(${SAY})` }),
  changed('function-of-python.pt2', 'exec', { expression: `Add(${SAY}, 1)` }),
  changed('result-called.pt2', 'eval', { expression: `(eval)('${SCRIPT.replaceAll("'", '"')}')` }),
  // Python reads wide letters as the ordinary ones.
  changed('wide-letters.pt2', 'eval', { expression: '\uff45val(1)' }),
  changed('long-expression.pt2', 'exec', { expression: `${'1+'.repeat(600_000)}${SAY}` }, 'cannot-look-into'),
  evil('another-name.pt2', 'os.system', () =>
    exportedProgram(JSON.stringify(program({ expression: IMPORT })), 'churn'),
  ),
  // Beside a pickle and a version lie, to other loaders, the numbers of tensors.
  evil('as-numbers.pt2', 'os.system', () =>
    exportedProgram(JSON.stringify(program({ expression: IMPORT })), 'data/model', {
      'models/data.pkl': 'N.',
      'models/version': '3\n',
    }),
  ),
  ...(
    [
      ['weight.pt2', 'data/weights/weight_0'],
      ['object.pt2', 'data/constants/opaque_obj_0'],
    ] as const
  ).map(([name, member]) =>
    evil(
      name,
      PLAIN_GADGET,
      () => exportedProgram(JSON.stringify(program()), 'model', { [member]: plainEvil() }),
      'pickle-import',
    ),
  ),
  evil(
    'weight-in-archive.pt2',
    PLAIN_GADGET,
    () => {
      const weight = zip([{ name: 'archive/data.pkl', content: plainEvil() }]);
      return exportedProgram(JSON.stringify(program()), 'model', { 'data/weights/weight_0': weight });
    },
    'pickle-import',
  ),
  evil('older.pt2', 'os.system', () => olderProgram(JSON.stringify(program({ expression: IMPORT })))),
  evil('escaped-key.pt2', 'os.system', () =>
    exportedProgram(JSON.stringify(program({ expression: IMPORT })).replaceAll('expr_str', 'expr\\u005fstr')),
  ),
  evil('deep.pt2', 'os.system', () => exportedProgram(deep()), 'cannot-look-into'),
  changed('guard.pt2', 'os.system', { guards: [`L['x'].size()[0] >= 2 or ${IMPORT}`] }),
  changed('text-of-guard.pt2', 'exec', { guards: [`L['x']['"+str(${SAY})+"'].size()[0] >= 2`] }),
  changed('input-name.pt2', 'exec', { name: `x=${SAY}` }),
  changed('keyword.pt2', 'exec', { keyword: `x=${SAY}, y` }),
  changed('argument-name.pt2', 'exec', { argumentNames: [`x=${SAY}`] }),
  changed('branch-name.pt2', 'exec', {
    argument: { as_graph: { name: `a", ${SAY}) or (self, "a`, graph: {} } },
  }),
  changed('parameter-name.pt2', 'exec', { parameter: `a", ${SAY}) or (self, "a` }),
  changed('keyword-of-inputs.pt2', 'exec', {
    spec: tree(
      'builtins.tuple',
      'null',
      tree('builtins.tuple', 'null'),
      tree('builtins.dict', JSON.stringify([`x=${SAY}`]), LEAF),
    ),
  }),
  changed('operator.pt2', 'torch.os.system', { target: 'torch.os.system' }, 'named-code'),
  changed('operator-by-beginning.pt2', 'torchx.os.system', { target: 'torchx.os.system' }, 'named-code'),
  changed(
    'operator-of-python.pt2',
    '_operator.methodcaller',
    { target: '_operator.methodcaller' },
    'named-code',
  ),
  changed(
    'library.pt2',
    'torch.ops.load_library.__call__',
    { target: 'torch.ops.load_library.__call__', argument: { as_string: 'churn.so' } },
    'named-code',
  ),
  changed(
    'operator-as-argument.pt2',
    'torch.os.system',
    { target: 'torch.ops.higher_order.cond', argument: { as_operator: 'torch.os.system' } },
    'named-code',
  ),
  changed('file.pt2', 'aten.from_file', { target: 'torch.ops.aten.from_file.default' }, 'file-operator'),
  changed(
    'enumeration.pt2',
    'churn.Kind',
    { spec: tree('builtins.dict', JSON.stringify([{ __enum__: true, fqn: 'churn:Kind', name: 'A' }]), LEAF) },
    'named-code',
  ),
  changed(
    'factory.pt2',
    'os.getcwd',
    {
      spec: tree(
        'collections.defaultdict',
        { default_factory_module: 'os', default_factory_name: 'getcwd', dict_context: ['a'] },
        LEAF,
      ),
    },
    'named-code',
  ),
  changed(
    'not-quite-json.pt2',
    'churn.Kind',
    { spec: tree('builtins.dict', '[NaN, {"__enum__": true, "fqn": "churn:Kind", "name": "A"}]', LEAF) },
    'cannot-look-into',
  ),
];

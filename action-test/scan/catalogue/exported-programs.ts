/** Exported programs of PyTorch: what their JSON gives its loader to evaluate, to look up and to import. */
import { exportedProgram, LEAF, type ProgramParts, program, tree } from '../program-writer.ts';
import { type CatalogueEntry, evil, example } from './entry.ts';

const exported = (name: string, parts: ProgramParts) =>
  example(`${name}.pt2`, () => exportedProgram(JSON.stringify(program(parts))));
const inEvil = (name: string) => evil(`code-in-an-exported-program/${name}.pt2`);
const ordinary = exported('program', {});
const factory = (module: string, name: string): ProgramParts => ({
  spec: tree(
    'collections.defaultdict',
    { default_factory_module: module, default_factory_name: name, dict_context: ['a'] },
    LEAF,
  ),
});

export const EXPORTED_PROGRAMS: readonly CatalogueEntry[] = [
  {
    format: 'json',
    rule: 'python-expression',
    says: 'The size of a tensor of an exported program calls a function of Python, where an ordinary one is arithmetic.',
    passing: exported('sizes', {
      expression: "Add(FloorDiv(Symbol('s0', positive=True, integer=True), Integer(2)), Integer(1))",
    }),
    failing: inEvil('expression'),
  },
  {
    format: 'json',
    rule: 'python-expression',
    says: 'A condition on the inputs of an exported program runs a command as well.',
    passing: exported('conditions', { guards: ["((-1) + L['x']['age'].size()[0]) // 2 != 1"] }),
    failing: inEvil('guard'),
  },
  {
    format: 'json',
    rule: 'python-expression',
    says: 'An input of an exported program has code for a name.',
    passing: ordinary,
    failing: inEvil('input-name'),
  },
  {
    format: 'json',
    rule: 'named-code',
    says: 'An exported program calls a function that is no operator.',
    passing: ordinary,
    failing: inEvil('operator'),
  },
  {
    format: 'json',
    rule: 'named-code',
    says: 'The structure of the inputs of an exported program names a function, which makes missing values.',
    passing: exported('factory', factory('builtins', 'list')),
    failing: inEvil('factory'),
  },
  {
    format: 'json',
    rule: 'file-operator',
    says: 'An operator of an exported program reads a file.',
    passing: ordinary,
    failing: inEvil('file'),
  },
  {
    format: 'json',
    rule: 'unknown-operator',
    says: 'An operator of an exported program is of a library of its own.',
    passing: ordinary,
    failing: exported('own-operator', { target: 'torch.ops.churn.encode.default' }),
  },
  {
    format: 'json',
    rule: 'cannot-look-into',
    says: 'The structure of the inputs of an exported program is not quite JSON.',
    passing: ordinary,
    failing: inEvil('not-quite-json'),
  },
];

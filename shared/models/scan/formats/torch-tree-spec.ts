import type { Found } from '../finding.ts';

/** Of the standard library: all that an honest `defaultdict` makes its values with. */
const FACTORY =
  /^(?:builtins\.(?:list|dict|int|float|str|set|frozenset|tuple|bool|bytes|complex)|collections\.[A-Za-z]\w*)$/;
const KEYWORD = /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u;

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** A text within a tree may be JSON once more. @returns undefined where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function judgeObject(object: JsonObject): Omit<Found, 'offset'>[] {
  const found: Omit<Found, 'offset'>[] = [];
  const imported = (name: string, what: string): void => {
    const allowed = name.length <= 1_000 && { name };
    found.push({
      rule: 'named-code',
      what: `\`${name.slice(0, 200)}\` is imported for ${what}.`,
      ...allowed,
    });
  };
  if ('__enum__' in object) imported(String(object.fqn).replace(':', '.'), 'a key of the inputs or outputs');
  const factory = `${object.default_factory_module}.${object.default_factory_name}`;
  if ('default_factory_module' in object && !FACTORY.test(factory))
    imported(factory, 'the values of a dictionary, and called');
  return found;
}

/** The names of keyword arguments, which torch writes into the code of the program. */
function keywords(tree: unknown): unknown[] {
  const [args, named] = isObject(tree) && Array.isArray(tree.children_spec) ? tree.children_spec : [];
  if (!isObject(args) || !isObject(named) || named.type !== 'builtins.dict') return [];
  const names = typeof named.context === 'string' ? parsed(named.context) : named.context;
  return Array.isArray(names) ? names : [];
}

/**
 * Judges how the inputs or outputs of an exported program lie in each other, as `torch.utils._pytree.treespec_dumps`
 * writes it: JSON, with texts in it that are JSON again. Its loader imports what these name.
 */
export function judgeTreeSpec(text: string): Omit<Found, 'offset'>[] {
  const spec = parsed(text);
  if (spec === undefined)
    return [{ rule: 'cannot-look-into', what: 'The structure of inputs or outputs is not written as JSON.' }];
  const found: Omit<Found, 'offset'>[] = [];
  const left: unknown[] = [spec];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') {
      const inner = parsed(value);
      if (isObject(inner) || typeof inner === 'string') left.push(inner);
      // Python reads more than JSON has: NaN, say.
      else if (inner === undefined && /[{[]/.test(value))
        found.push({
          rule: 'cannot-look-into',
          what: 'A text in the structure of inputs or outputs is not JSON.',
        });
    } else if (isObject(value)) {
      if (!Array.isArray(value)) found.push(...judgeObject(value));
      left.push(...Object.values(value));
    }
  }
  for (const name of keywords(Array.isArray(spec) ? spec[1] : undefined))
    if (typeof name !== 'string' || !KEYWORD.test(name))
      found.push({
        rule: 'python-expression',
        what: `${JSON.stringify(name).slice(0, 200)} is the name of an argument.`,
      });
  return found;
}

/**
 * Expressions that PyTorch evaluates as Python when it loads or runs an exported program, judged by what honest ones are
 * made of: whatever has no place in arithmetic is told, whether or not it is known to do harm.
 */

/** In brackets within brackets: Python itself reads no more. */
const MOST_DEPTH = 200;

/** Of sympy and torch.utils._sympy.functions, which `srepr` and `str` print; `sympy.sympify` calls them. */
const SYMPY = new Set(
  `Add Mul Pow Max Min Mod Abs floor ceiling sign sqrt log exp sin cos tan asin acos atan sinh cosh tanh asinh
  Integer Rational Float Symbol Dummy Tuple Piecewise ExprCondPair ITE And Or Not Xor Eq Ne Lt Le Gt Ge Equality Unequality
  LessThan GreaterThan StrictLessThan StrictGreaterThan IntInfinity NegativeIntInfinity FloorDiv ModularIndexing Where
  PythonMod CleanDiv CeilDiv CeilToInt FloorToInt LShift RShift PowByNatural FloatPow FloatTrueDiv IntTrueDiv
  IsNonOverlappingAndDenseIndicator TruncToFloat TruncToInt RoundToInt RoundDecimal ToFloat Identity
  cast_symbool_to_symint_guardless`.split(/\s+/),
);
const SYMPY_FAMILIES = /^(?:OpaqueUnaryFn|BitwiseFn)_[a-z0-9_]+$/;
/** Their first argument may be a text; any other text sympy would evaluate once more. */
const TAKE_TEXT = new Set(['Symbol', 'Dummy', 'Integer', 'Float', 'Rational']);
const TEXT_OF_SYMPY = /^[\w.+-]*$/;
const AFTER_EQUALS = /^(?:True|False|None|\d+)$/;

/** What the guards of a program call, as the printers of torch.utils._sympy write them. */
const IN_GUARDS =
  /^(?:torch\._?sym_[a-z0-9_]+|math\.[a-z][a-z0-9]*|max|min|abs|round|int|float|bool|IsNonOverlappingAndDenseIndicator|cast_symbool_to_symint_guardless)$/;
const METHODS = /^\.(?:size|stride|storage_offset|dim|numel|item)$/;
const WORDS = new Set(['and', 'or', 'not', 'if', 'else']);

const TOKEN =
  / *(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?<text>'[^'"\\\p{Cc}\p{Zl}\p{Zp}]*'|"[^'"\\\p{Cc}\p{Zl}\p{Zp}]*")|(?<operator>\*\*|\/\/|<<|>>|[<>=!]=|[-+*/%<>&|~^=,])|(?<attribute>\.[A-Za-z]\w*)|(?<bracket>[()[\]])) */uy;

interface Token {
  kind: 'begin' | 'number' | 'name' | 'text' | 'operator' | 'attribute' | 'bracket';
  text: string;
}

/** What may stand where: of the two kinds of expressions. */
interface Grammar {
  calls(called: Token): boolean;
  /** @param before the two tokens before the text, the nearer first. */
  takesText(text: string, before: readonly [Token, Token]): boolean;
  /** Whether `L['x'][0].size()` may be there: inputs, parts of them, and what they are asked. */
  hasInputs: boolean;
}

const SYMBOLIC: Grammar = {
  calls: ({ kind, text }) => kind === 'name' && (SYMPY.has(text) || SYMPY_FAMILIES.test(text)),
  takesText: (text, [open, called]) =>
    open.text === '(' && TAKE_TEXT.has(called.text) && TEXT_OF_SYMPY.test(text.slice(1, -1)),
  hasInputs: false,
};
const GUARD: Grammar = {
  calls: ({ kind, text }) => (kind === 'attribute' ? METHODS : IN_GUARDS).test(text),
  takesText: (_, [open]) => open.text === '[',
  hasInputs: true,
};

const isOperand = ({ kind, text }: Token): boolean =>
  kind === 'bracket' ? text === ')' || text === ']' : kind !== 'begin' && kind !== 'operator';

/** Whether a token may follow those before it. */
function fits(token: Token, before: readonly [Token, Token], grammar: Grammar): boolean {
  const [last, beforeLast] = before;
  const { kind, text } = token;
  if (last.kind === 'text' && text !== ',' && text !== ')' && text !== ']') return false;
  if (last.text === '=' && !AFTER_EQUALS.test(text)) return false;
  switch (kind) {
    case 'text':
      return grammar.takesText(text, before);
    case 'number':
      return !isOperand(last);
    case 'name':
      if (text.includes('__') || isOperand(last)) return false;
      return !text.includes('.') || (grammar.hasInputs && IN_GUARDS.test(text));
    case 'attribute':
      return grammar.hasInputs && (last.kind === 'attribute' || (last.kind === 'bracket' && isOperand(last)));
    case 'operator':
      return text !== '=' || (!grammar.hasInputs && last.kind === 'name' && /^[(,]$/.test(beforeLast.text));
    default:
      if (text === '(') return !isOperand(last) || grammar.calls(last);
      return (
        text !== '[' ||
        (grammar.hasInputs && (last.text === 'L' || /^[\])]$/.test(last.text) || last.kind === 'attribute'))
      );
  }
}

/** @returns the part at which the text leaves the grammar, empty where it ends too early; undefined where it never does. */
function strangePart(expression: string, grammar: Grammar): string | undefined {
  const begin: Token = { kind: 'begin', text: '' };
  let before: [Token, Token] = [begin, begin];
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < expression.length; at = TOKEN.lastIndex) {
    const strange = expression.slice(at, at + 40);
    const groups = TOKEN.exec(expression)?.groups;
    if (!groups) return strange;
    const [kind, text] = Object.entries(groups).find(([, part]) => part !== undefined) as [
      Token['kind'],
      string,
    ];
    const isWord = grammar.hasInputs && WORDS.has(text);
    const token: Token = { kind: isWord ? 'operator' : kind, text };
    if (!fits(token, before, grammar)) return strange;
    if (text === '(' || text === '[') open.push(text);
    if (text === ')' && open.pop() !== '(') return strange;
    if (text === ']' && open.pop() !== '[') return strange;
    if (open.length > MOST_DEPTH) return strange;
    before = [token, before[0]];
  }
  return open.length === 0 ? undefined : '';
}

/**
 * Judges an expression of the size of a tensor, as `srepr` or `str` of sympy prints it; `sympy.sympify` evaluates it.
 * @returns the part that no such expression has; undefined where there is none.
 */
export const strangeInExpression = (text: string): string | undefined => strangePart(text, SYMBOLIC);

/**
 * Judges a condition that the inputs of a program must fulfil: `L['x'].size()[0] >= 2`; torch puts it into code.
 * @returns the part that no such condition has; undefined where there is none.
 */
export const strangeInGuard = (text: string): string | undefined => strangePart(text, GUARD);

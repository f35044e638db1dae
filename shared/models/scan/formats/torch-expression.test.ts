import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { strangeInExpression, strangeInGuard } from './torch-expression.ts';

const S0 = "Symbol('s0', positive=True, integer=True)";

describe('strangeInExpression', () => {
  // As PyTorch 2.15 and, with `str`, PyTorch 2.1 to 2.5 wrote them.
  test.each([
    's0',
    '-1',
    '2*s0 + 1',
    '(s0//2)',
    's0**2',
    'Max(1, s0//2)',
    'Mod(s0, 2) - 1/3',
    'Eq(s0, 2)',
    '(s0 > 2) & (s1 < 5) | ~(s2 >= 1)',
    'Piecewise((s0, s0 > 2), (1, True))',
    '0.500000000000000*s0',
    '1.00000000000000e-30',
    '-int_oo',
    S0,
    `Mul(Integer(2), ${S0})`,
    `Add(FloorDiv(Add(${S0}, Integer(-1)), Integer(2)), Integer(1))`,
    "GreaterThan(Symbol('u0', integer=True), Integer(2))",
    "Float('1.0000000000000001e-30', precision=53)",
    "Dummy('x', dummy_index=4436045)",
    `Piecewise(ExprCondPair(${S0}, StrictGreaterThan(${S0}, Integer(2))), ExprCondPair(Integer(1), true))`,
    'OpaqueUnaryFn_log2(s0)',
    'BitwiseFn_bitwise_and(s0, s1 + 1)',
  ])('passes %s', (text) => {
    expect(strangeInExpression(text)).toBeUndefined();
  });

  test.each([
    ["__import__('os').system('x')", "__import__('os').system('x')"],
    ["eval('1')", "('1')"],
    ['eval(1)', '(1)'],
    ['(eval)(1)', '(1)'],
    ['Max(s0)(1)', '(1)'],
    ['[eval][0]', '[eval][0]'],
    ['s0[0]', '[0]'],
    ['s0.func', 's0.func'],
    ['(s0).func', '.func'],
    ['Max("1", s0)', '"1", s0)'],
    ["S('1')", "('1')"],
    ["Symbol('a', 'b')", "'b')"],
    ["Symbol('a' + 'b')", "+ 'b')"],
    ["Symbol('a' 'b')", "'b')"],
    ["Symbol('a(b)')", "'a(b)')"],
    ["Symbol('a', cls=Max)", 'Max)'],
    ["Symbol('a', cls=eval(1))", 'eval(1))'],
    ['s0 := 1', ':= 1'],
    ['lambda: 1', ': 1'],
    ['s0 = 1', '= 1'],
    ['s0 if s1', 'if s1'],
    ['3!', '!'],
    ['{1}', '{1}'],
    ['s0\n+1', '\n+1'],
    ['s0;s1', ';s1'],
    ['a__b', 'a__b'],
    ['\uff45val(1)', '\uff45val(1)'],
    ['1 # 2', '# 2'],
    ['f"{s0}"', '"{s0}"'],
    ['`s0`', '`s0`'],
    ['@s0', '@s0'],
  ])('tells where %j stops being arithmetic', (text, part) => {
    expect(strangeInExpression(text)).toBe(part);
  });

  test('tells brackets that are too deep for Python', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}1${')'.repeat(depth)}`;
    expect(strangeInExpression(nested(200))).toBeUndefined();
    expect(strangeInExpression(nested(201))).toBe(`(1${')'.repeat(38)}`);
  });

  test('passes nothing that looks into an object, makes one, or calls by another name', () => {
    const parts = fc.array(
      fc.constantFrom(
        'eval',
        's0',
        'Max',
        'Symbol',
        "'a'",
        '"b"',
        '(',
        ')',
        '.',
        '[',
        ']',
        ',',
        '=',
        ' ',
        '1',
        ':',
        '__',
      ),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(parts, (words) => {
        const text = words.join('');
        if (strangeInExpression(text) !== undefined) return;
        expect(text).not.toMatch(/[[\]:]|__|(?:eval|s0|\)|1|'|") *\(|[a-z)'"]\.|\.[a-z]/i);
      }),
      { seed: 7, numRuns: 20_000 },
    );
  });
});

describe('strangeInGuard', () => {
  test.each([
    "L['x'].size()[0] >= 2",
    "((1 + (((-1) + L['x'].size()[3]) // 2))*(1 + (((-1) + L['x'].size()[2]) // 2))) != 1",
    "(1 + (torch.sym_max(L['flat_args'][1].size()[0], 6) % 7)) != 1",
    "L['d']['my key'].size()[0] == L['d'][3].stride()[0]",
    "L['größe'].values.size()[1] <= math.floor(torch.sym_float(6) / 2.0)",
    "not (L['x'].size()[0] == 1) and L['y'].size()[0] < math.inf or True",
    "(1 if L['x'].size()[0] > 2 else 3) == 3",
  ])('passes %s', (text) => {
    expect(strangeInGuard(text)).toBeUndefined();
  });

  test.each([
    ["__import__('os')", "__import__('os')"],
    ["exec('x')", "('x')"],
    ["L['x'].__class__", '.__class__'],
    ["L['x'].tofile(1)", '(1)'],
    ["L['x'].size()[0](1)", '(1)'],
    ["torch.os.system(L['x'])", "torch.os.system(L['x'])"],
    ["torch.load(L['x'])", "torch.load(L['x'])"],
    ['math.floor.x(1)', 'math.floor.x(1)'],
    [`L['a"b'].size()`, `'a"b'].size()`],
    [`L["a'b"].size()`, `"a'b"].size()`],
    ["L['a\\x22'].size()", "'a\\x22'].size()"],
    ["L['a\u2028b'].size()", "'a\u2028b'].size()"],
    ["['x'][0]", "['x'][0]"],
    ['1, "a"', '"a"'],
    ["L['x'] = 1", '= 1'],
    ["L['x'].size(), 'a')", "'a')"],
    ['1\n  2', '\n  2'],
  ])('tells where %j stops being a condition', (text, part) => {
    expect(strangeInGuard(text)).toBe(part);
  });

  test('tells what closes more than it opens, since it is put into other code', () => {
    expect(strangeInGuard('1), (2')).toBe('), (2');
    expect(strangeInGuard('(1')).toBe('');
  });
});

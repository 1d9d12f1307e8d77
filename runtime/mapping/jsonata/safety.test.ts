/** What an expression must not be able to do: run away, reach JavaScript, change the document. */
import { describe, expect, it } from 'vitest';
import { compileExpression, NO_CONTEXT } from '../compile.ts';
import { parse } from './ast.ts';
import { BUILTINS } from './builtins.ts';
import { emit } from './emit.ts';

const run = (source: string, input: unknown = {}) => {
  return compileExpression(source, 'test').evaluate(input, NO_CONTEXT);
};

describe('an expression that runs away is ended', () => {
  it.each([
    ['a loop in tail position', '($f := function($x) { $f($x + 1) }; $f(0))'],
    ['recursion', '($f := function($x) { $f($x + 1) + 1 }; $f(0))'],
    ['recursion through a higher-order function', '($f := function($x) { $map([$x], $f) }; $f(0))'],
    ['two functions in turn', '($f := function() { $g() }; $g := function() { $f() }; $f())'],
    ['a fixed point', '($y := function($f) { $f($f) }; $y($y))'],
    ['giant ranges', '$sum([[1..9000000], [1..9000000], [1..9000000]].$sum($))'],
    ['ranges in ranges', '[1..900000].[1..900000]'],
    ['nested loops', '[1..3000].($a := $; [1..3000].($ * $a)) ~> $count'],
    ['a product of lists', '($l := [1..100000]; $l@$a.$l@$b.($a + $b))'],
    ['doubling a list', '($f := function($l, $n) { $n = 0 ? $l : $f($append($l, $l), $n - 1) }; $count($f([1], 60)))'],
    ['doubling a text', '($f := function($t, $n) { $n = 0 ? $t : $f($t & $t, $n - 1) }; $length($f("x", 60)))'],
    [
      'doubling by replacing',
      '($f := function($t, $n) { $n = 0 ? $t : $f($replace($t, "x", "xx"), $n - 1) }; $f("x", 60))',
    ],
    ['doubling by joining', '($f := function($t, $n) { $n = 0 ? $t : $f($join([$t, $t]), $n - 1) }; $f("x", 60))'],
    [
      'a value that holds itself twice, written out',
      '($f := function($v, $n) { $n = 0 ? $v : $f({"a": $v, "b": $v}, $n - 1) }; $string($f(1, 60)))',
    ],
    [
      'a value that holds itself twice, compared',
      '($f := function($v, $n) { $n = 0 ? $v : $f({"a": $v, "b": $v}, $n - 1) }; $f(1, 60) = $f(1, 60))',
    ],
    [
      'a value that holds itself twice, searched',
      '($f := function($v, $n) { $n = 0 ? $v : $f([[$v], [$v]], $n - 1) }; $f(1, 60).x)',
    ],
    [
      'a value that holds itself twice, descended',
      '($f := function($v, $n) { $n = 0 ? $v : $f({"a": $v, "b": $v}, $n - 1) }; $count($f(1, 60).**))',
    ],
    ['distinct objects', '$distinct([1..100000].{"a": $})'],
    ['giant padding', '$pad("x", 1000000000)'],
    ['giant lists zipped', '[1..1000].$count($zip([1..1000000], [1..1000000]))'],
    ['sorting by a function that never decides', '$sort([1..100000], function($a, $b) { $sum([1..1000]) > 0 })'],
    [
      'a pattern over a giant text',
      '($f := function($t, $n) { $n = 0 ? $t : $f($t & $t, $n - 1) }; $match($f("ab", 24), /(a|b)*c/))',
    ],
    ['a picture of words over a text of words', `$toMillis("${'one '.repeat(100)}", "[Yw][Mw][Dw][Hw][mw][sw]")`],
    ['a large pattern over a text', '($t := $pad("a", 9000, "a") & "cb"; $match($t, /(a{1,30}){1,30}c$/))'],
    ['a pattern that looks far for every match', '($t := $pad("a", 90000, "a") & "cb"; $match($t, /a(.*c$)?/))'],
    ['an expression that evaluates itself', '($t := "$eval($t)"; $eval($t))'],
    ['many expressions evaluated', '[1..100000].$eval("1 + " & $)'],
    [
      'a giant expression evaluated',
      '($f := function($t, $n) { $n = 0 ? $t : $f($t & $t, $n - 1) }; $eval($f("(", 20)))',
    ],
    [
      'a deep expression evaluated',
      '($f := function($t, $n) { $n = 0 ? $t : $f($t & $t, $n - 1) }; $eval($f("-", 13) & 1))',
    ],
    ['a pattern over many words', `$parseInteger("${'one '.repeat(2000)}x", "w")`],
  ])('%s', (_, source) => {
    expect(() => run(source)).toThrow(expect.objectContaining({ class: 'MappingFailed', code: 'budget.exceeded' }));
  });

  it('and the next evaluation has a budget of its own', () => {
    expect(() => run('($f := function($x) { $f($x + 1) + 1 }; $f(0))')).toThrow(/budget/);
    expect(run('($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(200))')).toBe(200);
  });
});

describe('JavaScript is out of reach', () => {
  it.each([
    'constructor',
    '__proto__',
    '$.constructor.constructor',
    '"".constructor',
    '$sum.constructor',
    '$sum.implementation',
    '$sum.call',
    '$sum.prototype',
    '(function($x) { $x }).constructor',
    '(function($x) { $x }).environment',
    '(function($x) { $x }).kind',
    '/x/.constructor',
    '$lookup($sum, "constructor")',
    '$lookup($, "__proto__")',
    '$lookup($, "toString")',
    '$keys($sum)',
    '$merge([]).constructor',
    '{}.constructor',
    '{"a": 1}.hasOwnProperty',
    '([]).constructor',
    '[1].length',
    '"abc".length',
    'a.b.length',
    '$match("a", /a/).next.constructor',
    '$eval("constructor")',
    '$eval("$lookup")("a", "constructor")',
    '$eval("$variable")',
    '$constructor',
    '$__proto__',
    '$toString',
    '$process',
    '$globalThis',
    '$R',
    '$K',
    '$meter',
    '$whole',
    '$input',
  ])('%s gives nothing', (source) => expect(run(source, { a: { b: 'text' } })).toBeUndefined());

  it('keys named after prototypes are keys', () => {
    const made = run('{"__proto__": {"polluted": 1}, "constructor": 2}') as object;
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(JSON.stringify(made)).toBe('{"__proto__":{"polluted":1},"constructor":2}');
    for (const source of [
      '$merge([{"__proto__": {"polluted": 1}}])',
      '{$string("__proto__"): {"polluted": 1}}',
      '{"a": 1} ~> |$|{"__proto__": {"polluted": 1}}|',
      '$sift({"__proto__": {"polluted": 1}}, function($v) { true })',
      '$spread({"__proto__": {"polluted": 1}})[0]',
      '{"a": 1} ~> |$.constructor|{"polluted": 1}|',
      '{"a": 1} ~> |$.__proto__|{"polluted": 1}|',
    ])
      expect((run(source) as Record<string, unknown>).polluted, source).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('a transform of a built-in function changes nothing', () => {
    const before = BUILTINS.get('sum');
    run('$ ~> |$sum|{}|', { a: 1 });
    run('$ ~> |$sum|{}, ["arity", "kind"]|', { a: 1 });
    expect(BUILTINS.get('sum')).toBe(before);
    expect(run('$sum([1, 2])')).toBe(3);
  });

  it('data is never taken for a function', () => {
    const fake = { _jsonata_lambda: true, _jsonata_function: true, implementation: 'x', body: {}, arguments: [] };
    expect(() => run('f(1)', { f: fake })).toThrow(expect.objectContaining({ code: 'T1006' }));
    expect(run('$type(f)', { f: fake })).toBe('object');
  });

  it('text of the expression is in the code as string literals only', () => {
    const nasty = '\\"];globalThis.hacked=1;//\u2028\n`$' + '{1}';
    const quoted = JSON.stringify(nasty);
    for (const source of [
      `{${quoted}: ${quoted}}`,
      `$.\`${nasty.replaceAll('`', '')}\``,
      `$lookup($, ${quoted})`,
      `a[b = ${quoted}]`,
      '($\u{61}\u{308}x := 1; $\u{61}\u{308}x)',
      'x@$ä#$ö.($ä)',
    ]) {
      const { code } = emit(parse(source), { engine: () => /(?:)/, functions: BUILTINS, overrides: false });
      const bare = code.replace(/"(?:[^"\\]|\\.)*"/g, '""');
      expect(bare).toMatch(/^[\x20-\x7e\n]*$/);
      expect(bare).not.toContain('hacked');
      expect(
        bare.match(/[A-Za-z_$][\w$]*/g)!.filter((word) => /[^A-Za-z0-9]/.test(word) && word !== '__proto__'),
      ).toEqual([]);
      compileExpression(source, 'test').evaluate({}, NO_CONTEXT);
    }
    expect('hacked' in globalThis).toBe(false);
  });
});

describe('the document stays as it is', () => {
  it.each([
    'none{"a": 1}',
    '$ ~> |$$.a|{"x": 1}|',
    '$ ~> |a|{"x": 1}|',
    'list[]',
    '$sort(list)',
    '$reverse(list)',
    '$append(list, 1)',
    'list{$string($): $}',
    '$map(list, function($v) { $ })',
    '($x := a; $x ~> |$|{"y": 1}|)',
  ])('%s', (source) => {
    const document = { none: [], list: [3, 1, 2], a: { b: [1] } };
    const before = structuredClone(document);
    run(source, document);
    expect(document).toEqual(before);
    expect(Object.keys(document.list)).toEqual(['0', '1', '2']);
  });
});

describe('errors name their place', () => {
  const document = {
    lines: [
      { no: 1, qty: 1 },
      { no: 2, qty: 'x' },
    ],
  };
  it.each([
    ['{"l": lines.{"t": qty * 2}}', '/lines/1'],
    ['$map(lines, function($l) { $l.qty * 2 })', '/lines/1'],
    ['lines[qty + 1 > 0]', '/lines/1'],
    ['$sum(lines.no) + lines', ''],
  ])('%s', (source, path) => {
    expect(() => run(source, document)).toThrow(
      expect.objectContaining({
        violations: [expect.objectContaining({ place: expect.objectContaining({ path, in: 'test' }) })],
      }),
    );
  });
});

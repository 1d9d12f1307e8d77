import { describe, expect, test } from 'vitest';
import { checkExpression } from './expressions.ts';

describe('checkExpression', () => {
  test('finds the tables that are asked, once each and sorted', () => {
    const text =
      '$reference("b", x).y & $map(lines, function($l) { $reference("a", [$partner, $l.sku]).z }) & $reference("b", q)';
    expect(checkExpression(text)).toMatchObject({ tables: ['a', 'b'], warnings: [] });
  });
  test.each([
    ['a +', 1, 4, 'Unexpected end'],
    ['{\n  "a": b c\n}', 2, 10, 'Expected'],
    ['"abc', 1, 5, 'terminated'],
    ['$reference(table, 1)', 1, 1, 'literal'],
    ['a;', 1, 2, 'Syntax error'],
    ['$f($reference)', 1, 4, 'without being called'],
    ['a[/(?<=x)y/]', 1, 3, 'regular expression'],
    ['(\n$match(a, /b\\1/i))', 2, 11, 'regular expression'],
    [`${'('.repeat(100_000)}1${')'.repeat(100_000)}`, 1, 1, 'deeply'],
    [' '.repeat(300_000), 1, 1, 'characters'],
  ])('refuses expression %#', (text, line, column, message) => {
    expect(checkExpression(text).error).toMatchObject({ line, column, message: expect.stringContaining(message) });
  });
  test('warns of functions that are not there, not of those that the text makes', () => {
    const { warnings, error } = checkExpression(
      '($half := function($n){$n/2}; $f := $half; $half(1) + $f(2) + $sumn(x) + $λ(1))',
    );
    expect(error).toBeUndefined();
    expect(warnings.map(({ message, remedy }) => `${message}: ${remedy}`)).toEqual([
      'there is no function $sumn: did you mean $sum?',
      'there is no function $λ: see the functions of JSONata; ours is $reference',
    ]);
  });
  test('nothing is evaluated', () => {
    const text = '($go := function(){ $go() + $go() }; $go())';
    const before = performance.now();
    expect(checkExpression(text)).toEqual({ tables: [], warnings: [], calls: ['go', 'go', 'go'] });
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('what is made and never used', () => {
  const said = (text: string) => checkExpression(text).warnings.map(({ column, message }) => `${column} ${message}`);
  test.each([
    ['($x := 1; 2)', ['2 $x is made and never used']],
    ['($row := $reference("items", a); {"a": 1})', ['2 $row is made and never used']],
    ['($x := 1; ($y := $x; 2))', ['12 $y is made and never used']],
    ['($x := 1)', []],
    ['($x := 1; $x)', []],
    ['($x := 1; $eval("$x"))', []],
    ['($f := function($a) { $a }; $f(1))', []],
    ['($f := function($a) { 1 }; [1] ~> $map($f))', []],
    ['(a@$b.($b.c))', []],
  ])('%s: %j', (text, want) => expect(said(text)).toEqual(want));
});

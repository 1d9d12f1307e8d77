/** Expressions that the compiler and the library must agree on, value or error, over every input that is named. */
export const INPUTS: Record<string, unknown> = {
  order: {
    number: 'PO-1',
    date: '2026-03-01',
    buyer: { gln: '4000001000005', name: 'acme', address: [{ city: 'Ulm' }] },
    lines: [
      { no: 1, sku: 'A', qty: 2, price: 10.5, tags: ['x', 'y'], notes: [{ t: 'a' }, { t: 'b' }] },
      { no: 2, sku: 'B', qty: 0.1, price: 0.2, tags: [], notes: { t: 'c' } },
      { no: 3, sku: 'A', qty: 7, price: 3, tags: ['z'], item: { color: 'red' } },
    ],
    one: [{ v: 1 }],
    none: [],
    nil: null,
    deep: { a: { b: [{ c: [1, 2] }, { c: [3] }, { c: [[4, 5]] }] } },
    nested: [[1, 2], [3], []],
    words: ['pear', 'fig', 'apple', 'fig'],
    flags: [true, false],
    mixed: [1, 'a', null, true, { x: 1 }, [2]],
    text: 'The quick brown fox, 12 jumps over 7 dogs',
    big: 12345678.9,
    'odd name': 'ok',
    constructor: 'own',
    zero: 0,
    empty: '',
  },
  list: [{ a: 1, b: { c: [1] } }, { a: [2, 3] }, { b: 'x', a: null }, [{ a: 9 }]],
  matrix: [
    [1, 2],
    [3, 4],
  ],
  number: 5,
  text: 'hello',
  nothing: undefined,
  nil: null,
  empty: [],
  library: {
    library: {
      books: [
        { title: 'Structure', isbns: ['i1', 'i2'], copies: 2 },
        { title: 'The C', isbns: ['i3'], copies: 1 },
        { title: 'AWK', isbns: ['i4'], copies: 0 },
      ],
      loans: [
        { customer: '1', isbn: 'i1', due: '2016-12-05' },
        { customer: '2', isbn: 'i3', due: '2016-10-22' },
        { customer: '1', isbn: 'i4', due: '2016-11-01' },
      ],
      customers: [
        { id: '1', name: 'Joe' },
        { id: '2', name: 'Ann' },
      ],
    },
  },
};

/** Each line is one expression. */
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

export const ON_ORDER = lines(String.raw`
  number
  $
  $$
  $.number
  $$.number
  buyer.name
  buyer.missing
  missing.name
  nil
  nil.x
  nil.x.y
  lines.sku
  lines.qty
  lines.tags
  lines.tags[0]
  lines.tags[-1]
  lines.notes.t
  lines.notes
  lines.item.color
  lines[0]
  lines[-1]
  lines[1].sku
  lines[5]
  lines[0.9].no
  lines[-0.5].no
  lines[qty > 1]
  lines[qty > 1].sku
  lines[sku = "A"].no
  lines[sku = "A"][1].no
  (lines[sku = "A"])[1].no
  lines[sku = "Z"]
  lines[item]
  lines[tags].no
  lines[[0, 2]].no
  lines[[0..1]].no
  lines[[0, 0]].no
  lines[$].no
  lines[true].no
  lines["x"].no
  lines[""].no
  lines[null].no
  lines[missing].no
  lines[no].no
  lines.no[0]
  (lines.no)[0]
  lines.no[[0,2]]
  lines.(no)[0]
  lines[]
  lines[].sku
  lines.sku[]
  lines[0].sku[]
  lines[sku = "B"][].no
  lines[no = 2].sku[]
  one.v
  one.v[]
  one[].v
  one
  one[0]
  one[]
  none
  none.v
  none[]
  none[0]
  deep.a.b.c
  deep.a.b.c[0]
  deep.a.b.(c[0])
  deep.a.b[0].c
  deep.a.b[2].c
  deep.a.b.c.d
  deep.*.b.c
  deep.**.c
  nested
  nested[0]
  nested[1]
  nested.$
  nested.$[0]
  nested.($)
  nested[[0]]
  nested.[$]
  nested ~> $map(function($x) { $count($x) })
  mixed
  mixed.x
  mixed[0]
  mixed[4].x
  mixed.$string()
  *
  **
  $count(**)
  buyer.*
  buyer.*.city
  lines.*
  lines.**.t
  "number"
  buyer."name"
  ${'`odd name`'}
  $.${'`odd name`'}
  "lit".x
  constructor
  buyer.constructor
  buyer.toString
  buyer.__proto__
  buyer.__proto__.constructor
  lines.constructor
  "".constructor
  number.constructor.constructor
  $lookup($, "constructor")
  $lookup(buyer, "constructor")
  $lookup(buyer, "__proto__")
  {"__proto__": {"x": 1}}
  {"__proto__": 1}.x
  $merge([{"__proto__": {"polluted": 1}}]).polluted
  $spread({"__proto__": 1})
  {"constructor": 1}.constructor
  buyer.hasOwnProperty("x")
  $each(buyer, function($v, $k) { $k })
  1
  -1
  0
  1.5
  1e3
  1e-7
  "text"
  'text'
  "é\"\\\n\u0041"
  true
  false
  null
  []
  [1]
  [1, 2]
  [[1]]
  [[1], [2, [3]]]
  [1, missing, 2]
  [missing]
  [lines.sku, 1]
  [lines.sku]
  [[lines.sku]]
  [none]
  [nested]
  [1..3]
  [1..3, 7..9]
  [3..1]
  [1..1]
  [-1..1]
  [0..missing]
  [1.5..2]
  [1.."2"]
  1..3
  {}
  {"a": 1}
  {"a": 1, "b": missing, "c": [missing]}
  {"a": {"b": {"c": number}}}
  {number: date}
  {"a": 1, "a": 2}
  {1: 2}
  {missing: 1, "b": 2}
  {"x": lines.sku}.x
  {"x": lines[0].sku}.x
  {"x": lines.sku[]}.x
  {"x": lines[0].sku[]}.x
  {"b": 1, "2": 2, "1": 3}
  {"_jsonata_lambda": true}
  {"_jsonata_function": true}
  lines.{"sku": sku, "total": qty * price}
  lines.{sku: qty}
  lines{sku: qty}
  lines{sku: $sum(qty)}
  lines{sku: no, "all": no}
  lines{sku: {"n": no, "t": tags}}
  lines{sku: $}
  lines{sku: $count($)}
  lines{sku: tags}
  missing{"a": 1}
  none{"a": 1}
  missing{"a": x}
  number{"a": $}
  lines{no: 1}
  lines{sku: 1, "A": 2}
  (lines){sku: no}
  lines[qty > 1]{sku: no}
  lines.[no, qty]
  lines.[no]
  lines.[tags]
  lines.[notes.t]
  lines.[no].{"a": $}
  lines.[[no]]
  lines.([no, qty])
  [lines.no, lines.qty].$
  [lines.no][0].x
  [{"a": 1}][0].a
  [{"a": 1}].a
  [{"a": 1}, {"a": 2}].a
  [1,2,3].($ * 2)
  [1,2,3][$ > 1]
  ([1,2,3])[$ > 1]
  [1,2,3][0]
  [[1,2],[3]][0]
  [[1,2],[3]][1]
  [1, 2].[$]
  1 + 2
  1 - 2
  2 * 3
  7 / 2
  7 % 4
  -7 % 4
  5.5 % 2
  0.1 + 0.2
  1 / 0
  -1 / 0
  0 / 0
  (1/0) + 1
  1 + (1/0)
  (0/0) + 1
  1e308 * 10
  (1e308 * 10) * 1
  1 + missing
  missing + 1
  missing * missing
  1 + "a"
  "a" + 1
  1 + null
  true + 1
  [1] + 1
  lines.qty + 1
  - qty
  -missing
  -"a"
  -lines[0].qty
  -(1)
  --1
  -(1/0)
  lines.(qty * price)
  $sum(lines.(qty * price))
  lines.(qty * price)[0]
  lines[0].(qty * price)
  1 < 2
  2 <= 2
  "a" < "b"
  "a" >= "b"
  1 < "a"
  "a" > 1
  1 < missing
  missing >= 1
  missing < missing
  null < 1
  1 < null
  true < false
  [1] < 2
  {} < 1
  1 = 1
  1 = "1"
  "a" = "a"
  null = null
  missing = missing
  1 = missing
  missing != 1
  1 != 2
  "a" != "a"
  [1,2] = [1,2]
  [1,2] = [2,1]
  {"a": 1, "b": 2} = {"b": 2, "a": 1}
  {"a": [1]} = {"a": [1]}
  {"a": 1} != {"a": 1}
  lines[0] = lines[0]
  lines.sku = ["A", "B", "A"]
  1 in [1, 2]
  "a" in "a"
  "z" in words
  "fig" in words
  missing in words
  1 in missing
  [1] in [[1]]
  null in [null]
  true and true
  true and false
  false and missing
  missing and true
  false or true
  missing or missing
  1 and "a"
  "" or 0
  [] or [0]
  [0, 1] and true
  [[0], [1]] and true
  {} or {"a": 1}
  null or false
  true and (1 + "a")
  false and (1 + "a")
  true or (1 + "a")
  (1 + "a") or true
  1/0 and true
  true and 1/0
  and
  or
  in
  $.and
  number & date
  number & missing
  missing & missing
  1 & 2
  0.1 + 0.2 & ""
  1e21 & ""
  1e-7 & ""
  true & null
  [1, 2] & {"a": 1}
  lines.sku & "x"
  "a" & (1/0)
  "a" & [1/0]
  $string & "f"
  true ? 1 : 2
  false ? 1 : 2
  false ? 1
  missing ? 1 : 2
  lines ? "y" : "n"
  none ? "y" : "n"
  "" ? 1 : 2
  0 ? 1 : 2
  [0] ? 1 : 2
  [0, 0] ? 1 : 2
  [[0, 1]] ? 1 : 2
  {} ? 1 : 2
  $sum ? 1 : 2
  function($x){$x} ? 1 : 2
  number ?: "d"
  missing ?: "d"
  empty ?: "d"
  number ?? "d"
  missing ?? "d"
  empty ?? "d"
  nil ?? "d"
  missing ?? missing ?? 3
  ()
  (1)
  (1; 2)
  (1; missing)
  ($x := 1; $x)
  ($x := 1; $y := $x + 1; $x & $y)
  ($x := $y := 2; $x + $y)
  $x := 5
  ($x := 1; ($x := 2); $x)
  ($x := 1; ($y := $x; $x := 2; $y))
  ($x := 1; lines.($x := no); $x)
  ($x; $x := 1)
  (true ? $x := 5 : 6; $x)
  (false ? $x := 5 : 6; $x)
  ($x := 1; false ? $x := 5 : 6; $x)
  (($z := 3); $z)
  lines.($n := no; $n * 2)
  ($lines := lines; $lines.no)
  ($lines := lines; $lines[0].no)
  ($lines := lines; $lines[sku = "A"].no)
  ($lines := lines[0]; $lines[0].no)
  ($sum := 5; $sum)
  ($sum := function($x) { 7 }; $sum(1))
  ($count := 3; lines[$count - 1].no)
  $undefined
  $undefined.x
  $undefined(1)
  undefined(1)
  sum(lines.qty)
  count(1)
  "a"(1)
  number(1)
  (1)(2)
  ($f := function($x) { $x * 2 }; $f(3))
  ($f := function($x, $y) { $x & $y }; $f(3))
  ($f := function() { 1 }; $f(3))
  ($f := function($x) { $x }; $f(missing))
  ($f := function($x) { $x }; $f(lines.sku))
  ($f := function($x) { $x[0] }; $f(lines.sku))
  λ($x) { $x + 1 }(2)
  function($x) { $x + 1 }(2)
  function($x) { $x + 1 }("a")
  ($f := function($x) { $x + 1 }; $f("a"))
  ($f := function($x) { $g($x) }; $g := function($y) { $y * 3 }; $f(2))
  ($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))
  ($f := function($n, $acc) { $n <= 1 ? $acc : $f($n - 1, $n * $acc) }; $f(100, 1))
  ($f := function($n) { $n = 0 ? "done" : $f($n - 1) }; $f(5000))
  ($even := function($n) { $n = 0 ? true : $odd($n - 1) }; $odd := function($n) { $n = 0 ? false : $even($n - 1) }; $even(501))
  ($f := function($x) { function($y) { $x + $y } }; $f(1)(2))
  ($add := function($x) { function($y) { $x + $y } }; $map([1,2], $add(10)))
  ($x := 10; $f := function($y) { $x + $y }; $x := 20; $f(1))
  ($f := function($x)<n:n> { $x + 1 }; $f(1))
  ($f := function($x)<n:n> { $x + 1 }; $f("a"))
  ($f := function($x)<s-:s> { $x }; number.$f())
  ($f := function($x)<s-:s> { $x }; lines[0].no.$f())
  ($f := function($x)<a<n>:n> { $x }; $f([1, 2]))
  ($f := function($x)<a<n>:n> { $x }; $f(1))
  ($f := function($x)<a<n>:n> { $x }; $f(["a"]))
  ($f := function($x)<(ns)?:s> { $type($x) }; [$f(1), $f("a"), $f()])
  ($f := function($x)<(ns)?:s> { $type($x) }; $f(true))
  ($f := function($x, $y)<nn?:n> { $x + $y }; $f(1))
  ($f := function($x)<f:n> { $x(1) }; $f(function($y) { $y + 1 }))
  ($f := function($x)<f:n> { $x(1) }; $f(1))
  ($f := function($x)<o:o> { $x }; $f({"a": 1}))
  ($f := function($x)<o:o> { $x }; $f([1]))
  ($f := function($x)<x+:n> { $x }; $f(1, 2, 3))
  ($f := function($x)<a<s>a<n>> { $x }; $f("a", 1))
  ($f := function($a, $b)<ss> { $a & $b }; $f("a", 1))
  ($f := function($g) { $g(2) }; $f(function($x) { $x * $x }))
  ($f := function($g) { $g() }; "abc".$f($uppercase))
  ($f := function() { $uppercase() }; "abc".$f())
  ($f := function() { $uppercase() & "!" }; "abc".$f())
  ($f := function() { $nope() }; $type($f))
  function($x) { $x }
  $sum
  [$sum]
  {"f": $sum}
  {"f": function($x) { $x }}.f(3)
  lines.(function($x) { $x & sku })("p")
  (function($x) { $x })
  $map(lines.no, function($v) { $v * 2 })
  $map(lines, function($v, $i) { $i & $v.sku })
  $map(lines, function($v, $i, $a) { $count($a) })
  $map([1], function($v) { $v })
  $map(5, function($v) { $v })
  $map(missing, function($v) { $v })
  $map([1, 2], function($v) { missing })
  $map([], function($v) { $v })
  $map([[1, 2], [3]], $sum)
  $map(words, $uppercase)
  $map(words, $length)
  $map(words, function($w) { $substring($w, 0, 1) })
  $map(1, 2)
  $map([1,2], $string)
  $map(words, $substring(?, 1))
  $map(["a"], function($s) { $match($s, /b/) })
  $map(["a"], function($s) { [$s] })
  $map(["a", "b"], function($s) { [$s] })
  lines.no ~> $map(function($v) { $v + 1 })
  $filter(lines, function($l) { $l.qty > 1 })
  $filter([1, 2, 3], function($v) { $v > 2 })
  $filter([1, 2, 3], function($v, $i) { $i })
  $filter([1, 2, 3], function($v, $i, $a) { $v = $max($a) })
  $filter(missing, function($v) { true })
  $filter([1], function($v) { false })
  $single(lines, function($l) { $l.no = 2 }).sku
  $single([1, 2], function($v) { $v > 0 })
  $single([1, 2], function($v) { $v > 5 })
  $single([7])
  $single([])
  $single(missing, function($v) { true })
  $reduce([1, 2, 3], function($a, $b) { $a + $b })
  $reduce([1, 2, 3], function($a, $b) { $a + $b }, 10)
  $reduce([], function($a, $b) { $a + $b })
  $reduce([], function($a, $b) { $a + $b }, 1)
  $reduce([1], function($a, $b) { $a + $b })
  $reduce(5, function($a, $b) { $a + $b })
  $reduce([1, 2], function($a) { $a })
  $reduce(["a", "b"], function($a, $b, $i) { $a & $b & $i })
  $reduce(["a", "b"], function($a, $b, $i, $l) { $a & $count($l) })
  $reduce([1, 2, 3], $append)
  $reduce(missing, function($a, $b) { 1 })
  $each(buyer, function($v, $k) { $k & "=" & $string($v) })
  $each(buyer, function($v) { missing })
  $each(missing, function($v) { 1 })
  $each(lines, function($v) { 1 })
  buyer.$each(function($v, $k) { $k })
  buyer ~> $each(function($v, $k) { $k })
  $sift(buyer, function($v) { $type($v) = "string" })
  $sift(buyer, function($v, $k) { $k = "gln" })
  $sift(buyer, function($v) { false })
  lines[0].$sift(function($v) { $v = 1 })
  $sort(words)
  $sort([3, 1, 2])
  $sort([])
  $sort([1])
  $sort(5)
  $sort(missing)
  $sort([1, "a"])
  $sort([true, false])
  $sort(lines, function($a, $b) { $a.qty > $b.qty }).no
  $sort(words, function($a, $b) { $length($a) > $length($b) })
  $sort(lines)
  lines^(qty).no
  lines^(>qty).no
  lines^(<qty, >no).no
  lines^(sku, >no).no
  lines^(missing).no
  lines^(item.color).no
  lines^(tags).no
  lines^($).no
  lines^(qty)[0].no
  lines^(qty)[0]
  (lines^(qty))[0].no
  one^(v)
  one^(v).v
  none^(v)
  missing^(v)
  words^($)
  [3,1,2]^($)
  [1,"a"]^($)
  lines.tags^($)
  lines.no^(>$)
  lines^(sku & no)[-1].no
  $reverse([1, 2, 3])
  $reverse(lines).no
  $reverse([1])
  $reverse(missing)
  $shuffle([1])
  $count($shuffle([1, 2, 3]))
  $distinct(words)
  $distinct([1, 1, "1", [1], [1], {"a": 1}, {"a": 1}])
  $distinct(lines.sku)
  $distinct(5)
  $distinct([1])
  $distinct(missing)
  $distinct([null, null])
  $zip([1, 2], ["a", "b", "c"])
  $zip([1], [2])
  $zip([1, 2])
  $zip(1, 2)
  $zip([], [1])
  $zip(missing, [1])
  $append([1], [2])
  $append(1, 2)
  $append(1, missing)
  $append(missing, [1])
  $append(lines.no, 4)
  $append([], [])
  $append([], 1)
  $exists(number)
  $exists(missing)
  $exists(nil)
  $exists([])
  $exists($sum)
  $spread(buyer)
  $spread(lines[[0,1]].{"a": no, "b": qty})
  $spread([])
  $spread(1)
  $spread([{"a": 1}])
  $spread($sum)
  $spread(missing)
  $spread([1, {"a": 2}, [{"b": 3}]])
  $merge(lines.{sku: qty})
  $merge([{"a": 1}, {"b": 2, "a": 3}])
  $merge({"a": 1})
  $merge([])
  $merge(missing)
  $merge([1])
  $merge("a")
  $keys(buyer)
  $keys(lines)
  $keys([])
  $keys({})
  $keys({"a": 1})
  $keys(missing)
  $keys("a")
  $keys(1)
  buyer.$keys()
  $lookup(buyer, "name")
  $lookup(lines, "sku")
  $lookup(buyer, missing)
  $lookup(missing, "a")
  $lookup(1, "a")
  $lookup(buyer, 1)
  buyer.$lookup("name")
  $sum([1, 2.5])
  $sum([])
  $sum(5)
  $sum(missing)
  $sum(["a"])
  $sum([1, "a"])
  $sum("a")
  $sum(lines.qty)
  $sum()
  $sum(1, 2)
  $count(lines)
  $count([])
  $count(5)
  $count(missing)
  $count([1, 2], 3)
  $max([1, 3, 2])
  $max([])
  $max(5)
  $max(missing)
  $max(["a"])
  $min([4, 3, 5])
  $min([])
  $average([1, 2, 4])
  $average([])
  $average(missing)
  $average("a")
  $string(5)
  $string("a")
  $string(missing)
  $string(null)
  $string([1, "a", null])
  $string(buyer)
  $string(buyer, true)
  $string({"a": 0.1 + 0.2})
  $string(0.1 + 0.2)
  $string(123456789012345678)
  $string(1/3)
  $string(1/0)
  $string($sum)
  $string({"f": $sum})
  $string([$sum, 1])
  $string(true)
  $string()
  $string(1, "a")
  number.$string()
  lines.no.$string()
  $substring("hello", 1)
  $substring("hello", 1, 2)
  $substring("hello", -2)
  $substring("hello", -3, 2)
  $substring("hello", -9)
  $substring("hello", 2, 0)
  $substring("hello", 2, -1)
  $substring("hello", 9)
  $substring("😀ab", 1)
  $substring(missing, 1)
  $substring("hello", "a")
  $substring(5, 1)
  number.$substring(1)
  text.$substring(1, 3)
  lines.$substring(1)
  $substringBefore(text, "quick")
  $substringBefore(text, "none")
  $substringBefore(text, "")
  $substringBefore(missing, "a")
  text.$substringBefore(" ")
  $substringAfter(text, "quick")
  $substringAfter(text, "none")
  text.$substringAfter(" ")
  $uppercase("abc")
  $uppercase(missing)
  $uppercase(5)
  $uppercase("a", "b")
  number.$lowercase()
  $lowercase("ÄB")
  $lowercase(null)
  $length("abc")
  $length("😀")
  $length("")
  $length(missing)
  $length(5)
  $length()
  lines.$length()
  $trim("  a   b \n c ")
  $trim("")
  $trim(missing)
  $pad("x", 5)
  $pad("x", -5)
  $pad("x", 5, "#")
  $pad("x", -5, "ab")
  $pad("xyz", 2)
  $pad("x", 3.7)
  $pad("😀", 3, "é")
  $pad(missing, 3)
  $pad("x", 5, "")
  $pad("x")
  $pad(1, 5)
  "x" ~> $pad(3)
  $contains(text, "quick")
  $contains(text, "zzz")
  $contains(text, /b.own/)
  $contains(text, /B.OWN/i)
  $contains(missing, "a")
  $contains(text, missing)
  $contains(text, 1)
  text.$contains("fox")
  $contains("", "")
  $match(text, /\d+/)
  $match(text, /\d+/, 1)
  $match(text, /\d+/, 0)
  $match(text, /(\w)(\w)o/)
  $match(text, /zzz/)
  $match(text, /\d+/, -1)
  $match(missing, /a/)
  $match(text, "a")
  $match("ababbabbcc", /a(b+)/)
  $match("abc", /x?/)
  $match("abc", /(z)?b/)
  $match("abc", function($s) { {"match": "b", "start": 1, "end": 2, "groups": [], "next": function() { missing }} })
  $match("abc", function($s) { {"x": 1} })
  $match("abc", function($s) { missing })
  $replace("a-b-c", "-", "+")
  $replace("a-b-c", "-", "+", 1)
  $replace("a-b-c", "-", "+", 0)
  $replace("a-b-c", "-", "+", -1)
  $replace("a-b-c", "", "+")
  $replace("a.b", ".", "$1")
  $replace("2026-03-01", /(\d+)-(\d+)-(\d+)/, "$3/$2/$1")
  $replace("abc", /b/, "$0$0")
  $replace("abc", /b/, "$$")
  $replace("abc", /b/, "$x")
  $replace("abc", /(b)/, "$12")
  $replace("abc", /(a)(b)(c)(d)?/, "$4$3")
  $replace("abc", /b/, function($m) { $uppercase($m.match) })
  $replace("abcb", /b/, function($m) { $string($m.start) })
  $replace("abc", /b/, function($m) { 1 })
  $replace("abc", /z/, "x")
  $replace("abc", /x*/, "-")
  $replace(missing, "a", "b")
  $replace("abc", "b")
  $replace("abc", 1, "b")
  $replace("aaa", /a/, "b", 2)
  "abc" ~> $replace("b", "x")
  $split("a,b,c", ",")
  $split("a,b,c", ",", 2)
  $split("a,b,c", ",", 0)
  $split("a,b,c", ",", -1)
  $split("a,b,c", "")
  $split("a", ",")
  $split("", ",")
  $split("a, b ,c", /\s*,\s*/)
  $split("a1b2c", /\d/, 2)
  $split("a1b2c", /\d/, 1)
  $split("abc", /x/)
  $split(missing, ",")
  $split("a b", 1)
  $split(12, ",")
  text.$split(" ")
  $join(words)
  $join(words, "-")
  $join("a", "-")
  $join([], "-")
  $join(missing, "-")
  $join([1, 2], "-")
  $join(words, 1)
  $join(["a"])
  words ~> $join(",")
  $formatNumber(1234.5, "#,##0.00")
  $formatNumber(-0.5, "0.0;(0.0)")
  $formatNumber(0.14, "01%")
  $formatNumber(0.14, "###pm", {"per-mille": "pm"})
  $formatNumber(1234.5678, "00.000e0")
  $formatNumber(12345.6, "#.##0,00", {"decimal-separator": ",", "grouping-separator": "."})
  $formatNumber(5, "0;0;0")
  $formatNumber(5, "0.0.0")
  $formatNumber(5, "abc")
  $formatNumber(5, "0#")
  $formatNumber(missing, "0")
  $formatNumber(5)
  $formatNumber("5", "0")
  $formatNumber(big, "#,###.##")
  $formatBase(255, 16)
  $formatBase(255, 2)
  $formatBase(10)
  $formatBase(2.7, 2)
  $formatBase(10, 1)
  $formatBase(10, 37)
  $formatBase(missing)
  $formatInteger(12, "w")
  $formatInteger(1999, "I")
  $formatInteger(123, "#,##0")
  $formatInteger(2, "0;o")
  $formatInteger(21, "Ww;o")
  $formatInteger(5, "a")
  $formatInteger(30, "A")
  $formatInteger(12, "αβ")
  $formatInteger(missing, "0")
  $parseInteger("twelve", "w")
  $parseInteger("MCMXCIX", "I")
  $parseInteger("1,234", "#,##0")
  $parseInteger("c", "a")
  $parseInteger(missing, "0")
  $parseInteger("x", "#")
  $number("12.5")
  $number("-1e3")
  $number("0x1F")
  $number("0b11")
  $number("0o17")
  $number("1,2")
  $number("")
  $number("abc")
  $number(" 5")
  $number(true)
  $number(false)
  $number(5)
  $number(null)
  $number([1])
  $number(missing)
  $number("1e999")
  $number()
  lines.no.$number()
  $number($sum)
  $floor(2.7)
  $floor(-2.1)
  $ceil(2.1)
  $ceil(missing)
  $round(2.5)
  $round(3.5)
  $round(-2.5)
  $round(123.456, 2)
  $round(125, -1)
  $round(0.5)
  $round(1.005, 2)
  $round("1")
  $abs(-3)
  $abs("a")
  $sqrt(16)
  $sqrt(-1)
  $power(2, 10)
  $power(2, 0.5)
  $power(10, 999)
  $power(-8, 1/3)
  $random() < 1
  $boolean(1)
  $boolean([])
  $boolean([0, 0])
  $boolean([[1]])
  $boolean({"a": 1})
  $boolean({})
  $boolean($sum)
  $boolean(missing)
  $boolean(null)
  $boolean("false")
  $boolean(1/0)
  lines.$boolean()
  $not(true)
  $not(0)
  $not(missing)
  $not([])
  $not("a")
  $type(1)
  $type("a")
  $type(null)
  $type([])
  $type({})
  $type(true)
  $type($sum)
  $type(/a/)
  $type(function($x) { 1 })
  $type(missing)
  lines.$type($)
  $error("bad")
  $error()
  $error(1)
  lines.$error("x")
  $assert(true, "x")
  $assert(false, "x")
  $assert(false)
  $assert(1, "x")
  $assert(missing)
  $base64encode("héllo")
  $base64decode("aGVsbG8=")
  $base64encode(missing)
  $encodeUrlComponent("a b&c")
  $encodeUrlComponent("\ud800")
  $encodeUrl("http://x/a b?c=d&e")
  $decodeUrlComponent("a%20b")
  $decodeUrlComponent("%E0%A4%A")
  $decodeUrl("a%20b")
  $decodeUrl("%")
  $toMillis("2026-03-01T10:00:00.000Z")
  $toMillis("2026-03-01")
  $toMillis("2026-03-01T10:00:00+01:00")
  $toMillis("nonsense")
  $toMillis("01.03.2026", "[D01].[M01].[Y0001]")
  $toMillis("1st of March 2026", "[D1o] of [MNn] [Y]")
  $toMillis("20260301", "[Y0001][M01][D01]")
  $toMillis("x", "[Y]-[M]")
  $toMillis("12:30", "[H01]:[m01]") > 0
  $toMillis("2026", "[q]")
  $toMillis(missing)
  $fromMillis(1772359200000)
  $fromMillis(1772359200000, "[Y0001]-[M01]-[D01]")
  $fromMillis(1772359200000, "[D1o] [MNn] [Y] [H#1]:[m01][P]", "+0200")
  $fromMillis(1772359200000, "[FNn], [W] [w] [d] [X] [x]")
  $fromMillis(1772359200000, "[H01]:[m01]:[s01].[f001] [Z] [z]", "-0530")
  $fromMillis(1772359200000, "[YI] [Yw] [MNn,3-3]")
  $fromMillis(1772359200000, "[Y")
  $fromMillis(1772359200000, "[k]")
  $fromMillis(1772359200000, "[[x]]")
  $fromMillis("a")
  $fromMillis(missing)
  $now() = $now()
  $millis() = $millis()
  $type($now("[Y]"))
  $length($now())
  $eval("1 + 1")
  $eval("number")
  $eval("lines.no")
  $eval("$$.number")
  $eval("a", {"a": 1})
  $eval("$", [1, 2])
  $eval("$[0]", [1, 2])
  $eval("[1,2]")
  $eval("1 +")
  $eval("1 + \"a\"")
  $eval("$number(\"x\")")
  $eval(missing)
  $eval(5)
  $eval("missing")
  ($x := 2; $eval("$x * 3"))
  ($x := 2; $f := function($y) { $eval("$x * $y") * 1 }; $f(5))
  lines.$eval("no + qty")
  lines[$eval("no = 2")].sku
  lines#$i.$eval("$i & no")
  lines@$l.$eval("$l.no")
  $map(["1", "2 * 3"], $eval)
  $map(["1", "2 * 3"], function($e) { $eval($e) })
  ("1 + 2") ~> $eval
  ($eval := function($x) { "own" }; $eval("1"))
  $eval("$eval(\"1 + 3\")")
  $eval("function($x) { $x * 2 }")(4)
  $eval("$sum([1,2])")
  ($sum := function($l) { "own" }; $eval("$sum([1,2])"))
  $type($eval)
  $clone(buyer)
  $clone(lines).no
  $clone(missing)
  $clone(5)
  buyer.$clone()
  number ~> $uppercase
  number ~> $uppercase()
  number ~> $substring(1) ~> $lowercase
  number ~> 5
  number ~> missing
  lines.sku ~> $join
  lines.sku ~> $distinct ~> $count
  ($f := $uppercase ~> $substring(?, 1); $f("abc"))
  ($f := $trim ~> $uppercase ~> $length; $f("  a b "))
  ($f := $uppercase ~> $sum; $f("a"))
  ($twice := function($f) { function($x) { $f($f($x)) } }; $twice(function($n) { $n * 3 })(2))
  [1, 2, 3] ~> $sum
  [1, 2, 3] ~> $map(function($x) { $x * 2 }) ~> $sum
  missing ~> $uppercase
  5 ~> $uppercase
  lines ~> $filter(function($l) { $l.no > 1 }) ~> $map(function($l) { $l.sku })
  buyer ~> |$|{"name": "x"}|
  buyer ~> |$|{"new": name}, "gln"|
  buyer ~> |$|{}, ["gln", "name"]|
  buyer ~> |address|{"city": "Bonn"}|
  $ ~> |lines|{"total": qty * price}, "tags"|
  ($ ~> |lines[no = 1]|{"sku": "changed"}|).lines.sku
  ($ ~> |lines.notes|{"t": t & "!"}|).lines.notes
  buyer ~> |missing|{"a": 1}|
  buyer ~> |$|5|
  buyer ~> |$|{}, 5|
  buyer ~> |$|missing|
  buyer ~> |$|{"a": 1}, missing|
  number ~> |$|{"a": 1}|
  missing ~> |$|{"a": 1}|
  lines ~> |$|{"k": 1}|
  ($t := |$|{"z": 1}|; $t(buyer).z)
  ($clone := 5; buyer ~> |$|{"a": 1}|)
  $map(lines, |$|{"n": no}|).n
  ($sub := $substring(?, 0, 2); $sub("hello"))
  ($f := function($a, $b, $c) { $a & $b & $c }; $g := $f(?, "x", ?); $g(1, 2))
  ($f := function($a, $b) { $a & $b }; $g := $f(1, ?); $h := $g(?); $h(2))
  $nope(?)
  sum(?)
  nope(?)
  ($add := function($x, $y) { $x + $y }; $map([1, 2], $add(?, 10)))
  ($firstUpper := $uppercase(?); $firstUpper("a"))
  $filter(words, $contains(?, "p"))
  /ab/("cab")
  /ab/("x")
  /(a)(b)?/("ac").groups
  (/a/("aa")).next().start
  /a/ ~> $type
  $count(/a/)
  lines#$i.{"i": $i, "no": no}
  lines#$i[$i > 0].no
  lines[qty > 1]#$i.($i & sku)
  lines#$i[sku = "A"].($i)
  lines#$i.tags.{"i": $i, "t": $}
  lines.tags#$i.($i & $)
  lines@$l.{"n": $l.no, "po": number}
  lines@$l.number
  lines@$l.notes@$n[$n.t].($l.no & $n.t)
  lines@$l.buyer.(name & $l.sku)
  lines@$l#$i.($i & $l.sku)
  lines@$l[$l.no > 1].($l.no)
  lines@$l^($l.qty).($l.no)
  lines^(qty)#$i.($i & sku)
  lines#$i^(>$i).no
  lines@$l{$l.sku: $l.no}
  lines@$l{$l.sku: $sum($l.qty)}
  lines#$i{sku: $i}
  lines.notes.{"t": t, "no": %.no}
  lines.notes.(%.sku & t)
  lines.notes.%.%.number
  lines.tags.{"tag": $, "sku": %.sku}
  lines.item.%.sku
  lines[%.number = "PO-1"].no
  lines.notes[%.no = 1].t
  buyer.address.city.%.%.name
  buyer.address.(%.name)
  lines.notes^(%.no).t
  lines.(notes.%).no
  %
  %.a
  lines.%.%
  buyer.%.number
  $map(lines, function($l) { $l.notes.(%.no) })
  lines.notes.t.($ & %.%.no)
  deep.a.b.c.(%.c)
  lines.(sku & %.number)
  lines@$l.tags@$t.{"l": $l.no, "t": $t}
  lines@$l.{"x": $l.tags[0]}
  (lines@$l.notes)[0]
  (lines#$i)[0].no
  (lines@$l).no
  lines@$l[0].($l.no)
  lines[0]@$l.($l.no)
  $sum(lines#$i.($i * no))
  lines.no.$
  lines.sku.($ & "!")
  lines[no > 1 and qty < 5].sku
  lines[no > 1 or qty > 1].sku
  lines[$not(item)].sku
  lines[$exists(item)].sku
  lines[$contains(sku, "A")].no
  lines["x" in tags].no
  lines[tags = "z"].no
  lines[$count(tags) > 0].no
  lines[sku in ["A", "C"]].no
  lines[$.sku = "A"].no
  lines[$$.number = "PO-1"].no
  lines.($$.number & sku)
  lines[0].tags[0]
  lines[0].tags[[0, 1]]
  lines[0]["x"]
  $.lines.no
  $$.lines[0].no
  $.*[0]
  buyer[name = "acme"].gln
  buyer[0].name
  buyer[1].name
  buyer[-1].name
  number[0]
  number[1]
  number[$ = "PO-1"]
  5[0]
  "a"["b"]
  (5)[0]
  (missing)[0]
  missing[0].x
  lines.missing[0]
  lines.notes[0].t
  lines.notes[t = "a"].t
  lines.item[true]
  lines.item[0].color
  lines.{"n": notes.t}
  lines.{"n": notes.t[]}
  lines.{"n": [notes.t]}
  lines.{"c": item.color}
  {"l": lines.{"s": sku}}
  {"l": lines[0].{"s": sku}}
  {"l": lines[0].{"s": sku}[]}
  {"l": [lines[0].{"s": sku}]}
  {"l": [lines.{"s": sku}]}
  $string({"l": [lines.{"s": sku}]})
  ($o := {"a": {"b": [1, {"c": 2}]}}; $o.a.b.c)
  ($a := [1, 2, 3]; $a[1])
  ($a := [1, 2, 3]; $a[$ > 1])
  ($a := lines; $a.sku ~> $count())
  ($l := lines[0]; $l.{"x": sku, "y": $l.no})
  $count(lines[0])
  $count(lines.tags)
  $map(lines, function($l) { $l.tags })
  $map(lines, function($l) { $l.tags[0] })
  lines.$map(tags, $uppercase)
  lines.tags ~> $map($uppercase)
  /* comment */ number
  number /* end
  1 +
  (1
  [1
  {"a"
  "abc
  $x :=
  1 := 2
  lines[
  ..
  /abc
  //
  "\q"
  ${'`a'}
  function(x) { 1 }
  lines.1
  lines{}{}
  lines{}[0]
  @
  lines@x
  lines#x
  $f(?
  ;
  1 2
  (1;;2)
  1; 2
  a.b.c.
  $.
  !
  lines^(
  |a|
  $formatNumber(1e25, "0")
  $string(1e25)
  $string(-0)
  -0
  [1,2,3] = [1..3]
  $sum([1..100])
  $count([1..1000])
  $max([1..1000])
  $join($map([1..5], $string), ",")
  [1..3].($ * $)
  [1..3].{"n": $}
  [1..3][$ % 2 = 1]
  $map([1..3], function($i) { {"k": $i} }).k
  $reduce([1..5], function($p, $n) { $p * $n })
  ($fib := function($n) { $n < 2 ? $n : $fib($n - 1) + $fib($n - 2) }; $fib(10))
  $map([1, 2], function($x) { $x + "a" })
  $map([1, 2], function($x) { $number("z") })
  $filter([1], function($x) { 1 + "a" })
  lines.(qty + sku)
  lines[qty + sku]
  {"a": 1 + "b"}
  [1, 1 + "b"]
  $uppercase($number("x"))
  $uppercase(1 + "x")
  ($f := function($x) { $g($x) + 1 }; $g := function($y) { $uppercase($y) }; $f(1))
  ($f := function($x) { $g($x) }; $g := function($y) { $uppercase($y) }; $f(1))
  ($f := function($x) { $number($x) }; $f("a"))
  $sort(lines, function($a, $b) { $a.sku + $b.sku })
  $reduce([1, 2], function($a, $b) { $a & missing + "x" })
`);

export const ON_ALL = lines(`
  $
  $$
  a
  a.b
  b.c
  b.c[0]
  $[0]
  $[1]
  $[-1]
  $[a]
  $[a = 1]
  $.a
  $$.a
  *
  **
  $count($)
  $string($)
  $string()
  $type($)
  {"x": $}
  {"x": a}
  [$]
  [a]
  $[0].a
  $[]
  a[]
  $.$
  ($)
  ($)[0]
  $map($, function($v) { $v.a })
  $map($, function($v, $i) { $i })
  $filter($, function($v) { $v.a })
  $keys($)
  $keys()
  $spread($)
  $distinct($)
  $append($, 1)
  $reverse($)
  $sum($)
  $max($)
  $length()
  $uppercase()
  $boolean()
  $not()
  $exists($)
  $clone($)
  $lookup($, "a")
  a ? 1 : 2
  $ = $
  $ = 1
  $ < 6
  $ & "x"
  $ + 1
  -$
  $ in [5, "hello", null]
  $ and true
  $.{"v": $}
  $.[$]
  $^($)
  $^(a)
  ${'$'}{"k": $}
  ${'$'}{a: b}
  $@$x.($x)
  $#$i.($i)
  $#$i
  a.%
  $ ~> $string
  $ ~> |$|{"z": 1}|
  $each($, function($v, $k) { $k })
  $sift($, function($v) { true })
  $merge($)
  $zip($, $)
  $join($)
  $sort($)
  **.a
  *.a
  *[0]
  $.*
  $$.*
  [$.*]
  library.loans@$l.books@$b[$l.isbn in $b.isbns].{"t": $b.title, "c": $l.customer}
  library.loans@$l.books@$b[$l.isbn in $b.isbns].customers@$c[$l.customer = $c.id].{"c": $c.name, "b": $b.title, "d": $l.due}
  (library.customers@$c.loans@$l[$l.customer = $c.id]){$c.name: $count($l)}
  library.customers@$c.loans@$l[$l.customer = $c.id]{$c.name: $count($l)}
  library.books#$pos[copies > 0].{"p": $pos, "t": title}
  library.books^(title)#$i.($i & title)
  library.books[copies > 0]#$pos^(>$pos).title
  library.loans^(due)@$l#$i.{"i": $i, "isbn": $l.isbn}
  library.books.isbns.{"t": %.title, "i": $}
  library.books.isbns[%.copies > 1]
  library.books{title: isbns}
  library.loans{customer: $count(isbn)}
  library.loans{customer: {"isbns": isbn[], "n": $count($)}}
  $sum(library.books.copies)
  library.books[isbns = "i3"].title
  library.books["i3" in isbns].title
  library.books[%.customers.id].title
`);

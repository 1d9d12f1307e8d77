/**
 * XML bytes to one document. Namespaces, attributes and order are kept, values are text. No DTD is read and no entity but those that XML
 * itself has. Any byte string gives a value or a problem. The shape of the value is described in README.md.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Problem, Transaction } from '../format.ts';

export interface XmlOptions {
  /** Default 64 MiB. */
  maxBytes?: number;
  /** Default 100 elements in each other. */
  maxDepth?: number;
  /**
   * Prefixes that names are to have, whatever the file calls them: `{cbc: "urn:oasis:…"}`; `''` for names without one. Declarations of
   * these namespaces are then left out of the value; names of other namespaces stay as they are.
   */
  namespaces?: Record<string, string>;
}
export interface XmlDocument extends Transaction {
  /** `id` is the name of the root without its prefix: `Invoice`. */
  encoding: string;
  /** What stands between `<!DOCTYPE` and `>`; it is never read. */
  doctype?: string;
}

/** As the parser gives it: one key, the name, with its children; attributes under `:@`. */
type Node = Record<string, unknown>;
type Value = Record<string, unknown>;

const MEBIBYTE = 1024 * 1024;
const parserOptions = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  commentPropName: '#comment',
  maxNestedTags: 100_000,
  // Names that objects have of themselves are set as own keys here, and do no harm.
  onDangerousProperty: (name: string) => name,
};

/** Never throws. `value` is undefined when a problem is an Error. */
export function decodeXml(bytes: Buffer, options: XmlOptions = {}): XmlDocument {
  const problems: Problem[] = [];
  const failed = (code: string, message: string, place: Problem['place'] = {}): XmlDocument => ({
    ...{ id: '', control: '', index: 0, value: undefined, encoding: 'UTF-8' },
    problems: [{ code: `xml.${code}`, message, severity: 'Error', place }],
  });
  const maxBytes = options.maxBytes ?? 64 * MEBIBYTE;
  if (bytes.length > maxBytes)
    return failed('TooLarge', `the document has ${bytes.length} bytes, at most ${maxBytes} are read`);
  const read = textOf(bytes);
  if ('error' in read) return failed('Encoding', read.error);
  const { encoding } = read;
  const trimmed = read.text.replace(/^\s+(?=<\?xml\s)/, '');
  const before = read.text.length - trimmed.length;
  const firstLine = lineAt(read.text, before);
  const warn = (code: string, message: string, line: number): void => {
    problems.push({ code: `xml.${code}`, message, severity: 'Warning', place: { line } });
  };
  if (before > 0) warn('LeadingBlank', `${before} blanks stand before the XML declaration`, 1);
  const cut = withoutDoctype(trimmed);
  if ('error' in cut)
    return failed('Doctype', cut.error, { line: firstLine - 1 + lineAt(trimmed, trimmed.indexOf('<!DOCTYPE')) });
  const { text, doctype } = cut;
  const end = text.lastIndexOf('>') + 1;
  const behind = text.slice(end).search(/[^\s\p{Cc}\ufeff]/u);
  if (end > 0 && behind >= 0) {
    const sample = JSON.stringify(text.slice(end + behind, end + behind + 20));
    warn('TrailingBytes', `behind the document stands ${sample}`, firstLine - 1 + lineAt(text, end + behind));
  }
  try {
    const deep = depthOf(text);
    const maxDepth = options.maxDepth ?? 100;
    if (deep > maxDepth) return failed('TooDeep', `${deep} elements in each other, at most ${maxDepth} are read`);
    const valid = XMLValidator.validate(text);
    if (valid !== true) return failed('Syntax', valid.err.msg, { line: firstLine - 1 + valid.err.line });
    const nodes = new XMLParser(parserOptions).parse(text) as Node[];
    const roots = nodes.filter((node) => !/^[#?]/.test(nameOf(node)));
    const stray = nodes.some((node) => nameOf(node) === '#text' && String(node['#text']).trim() !== '');
    if (roots.length !== 1 || stray)
      return failed('Syntax', roots.length === 0 ? 'there is no element' : 'there is more than one root');
    const builder = new Builder(options.namespaces ?? {}, problems, text, firstLine);
    const root = builder.build(roots[0]!, {});
    const id = root.name.replace(/^.*:/, '');
    const value = problems.some(({ severity }) => severity === 'Error') ? undefined : { [root.name]: root.value };
    return { id, control: '', index: 0, value, problems, encoding, ...(doctype !== undefined && { doctype }) };
  } catch (error) {
    return failed('Syntax', (error as Error).message.slice(0, 200));
  }
}

/** From 1. */
function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** By the byte order mark or the declaration, else UTF-8. */
function textOf(bytes: Buffer): { text: string; encoding: string } | { error: string } {
  const head = bytes.toString('latin1', 0, 200);
  const marked = /^\xff\xfe/.test(head) ? 'UTF-16LE' : /^\xfe\xff/.test(head) ? 'UTF-16BE' : undefined;
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1];
  const encoding = marked ?? declared ?? 'UTF-8';
  try {
    if (/^iso-8859-1$/i.test(encoding)) return { text: bytes.toString('latin1'), encoding };
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
  } catch {
    return { error: `the document is not ${encoding}` };
  }
}

/** The declaration of a DTD is kept and never followed; one that brings its own is refused. Lines stay as they are. */
function withoutDoctype(text: string): { text: string; doctype?: string } | { error: string } {
  const found = /^(?:\s|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!->))*-->)*<!DOCTYPE/.exec(text);
  if (!found)
    return text.includes('<!DOCTYPE') && !/<!\[CDATA\[|<!--/.test(text)
      ? { error: 'a DOCTYPE stands where none may' }
      : { text };
  const start = found[0].length - '<!DOCTYPE'.length;
  const rest = /^<!DOCTYPE((?:[^>"'[]|"[^"]*"|'[^']*')*)(>|\[)/.exec(text.slice(start, start + 2000));
  if (!rest) return { error: 'the DOCTYPE does not end' };
  if (rest[2] === '[') return { error: 'the document brings a DTD of its own, which is not read' };
  const blank = rest[0].replaceAll(/[^\n]/g, ' ');
  return { text: text.slice(0, start) + blank + text.slice(start + rest[0].length), doctype: rest[1]!.trim() };
}

/** At most as deep as the elements are; what is no element counts at worst too. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 47) depth--;
    else if (next === 33) {
      // Comments and CDATA hold no elements.
      const end = text.startsWith('<![CDATA[', at) ? ']]>' : '-->';
      const close = text.indexOf(end, at);
      if (close < 0) break;
      at = close;
    } else if (next !== 63) {
      const close = text.indexOf('>', at);
      if (close < 0) break;
      if (text.charCodeAt(close - 1) !== 47) deepest = Math.max(deepest, ++depth);
    }
  }
  return deepest;
}

const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ':@') ?? '';

/** Namespaces in force, by prefix. */
type Scope = Readonly<Record<string, string>>;

class Builder {
  private readonly prefixes: Map<string, string>;
  private readonly problems: Problem[];
  private readonly text: string;
  /** Where the last finding was, and its line: the next one stands behind it. */
  private at = 0;
  private line: number;

  constructor(namespaces: Record<string, string>, problems: Problem[], text: string, firstLine: number) {
    this.text = text;
    this.line = firstLine;
    this.prefixes = new Map(Object.entries(namespaces).map(([prefix, uri]) => [uri, prefix]));
    this.problems = problems;
  }

  build(node: Node, outer: Scope): { name: string; value: unknown } {
    const raw = nameOf(node);
    const attributes = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(
      ([name, text]) => [name, this.unescaped(text)] as const,
    );
    const scope = scopeOf(outer, attributes);
    const value: Value = {};
    for (const [name, text] of attributes) {
      const declares = name === 'xmlns' || name.startsWith('xmlns:');
      if (declares && this.prefixes.has(text)) continue;
      value[`@${declares ? name : this.renamed(name, scope, true)}`] = text;
    }
    const order: string[] = [];
    const children = (node[raw] as Node[]).filter(
      (child) => nameOf(child) !== '#text' || !isLayout(child, node[raw] as Node[]),
    );
    for (const child of children) {
      const name = nameOf(child);
      if (name === '#text') this.add(value, order, name, this.unescaped(String(child['#text'])));
      else if (name === '#cdata' || name === '#comment')
        this.add(value, order, name, String((child[name] as Node[])[0]?.['#text'] ?? ''));
      else if (name.startsWith('?'))
        this.problem('ProcessingInstruction', `the processing instruction ${name} is left out`, 'Warning', `<${name}`);
      else {
        const built = this.build(child, scope);
        this.add(value, order, built.name, built.value);
      }
    }
    const name = this.renamed(raw, scope, false);
    const keys = Object.keys(value);
    if (keys.length === 0) return { name, value: '' };
    if (keys.length === 1 && keys[0] === '#text' && typeof value['#text'] === 'string')
      return { name, value: value['#text'] };
    if (isScattered(order) || (order.length > 1 && order.includes('#text'))) value['#order'] = order;
    return { name, value };
  }

  private add(value: Value, order: string[], name: string, item: unknown): void {
    order.push(name);
    const present = Object.hasOwn(value, name) ? value[name] : undefined;
    if (present === undefined) value[name] = item;
    else if (Array.isArray(present)) present.push(item);
    else value[name] = [present, item];
  }

  private renamed(name: string, scope: Scope, attribute: boolean): string {
    if (this.prefixes.size === 0) return name;
    const colon = name.indexOf(':');
    // An attribute without a prefix is in no namespace.
    if (attribute && colon < 0) return name;
    const uri = scope[colon < 0 ? '' : name.slice(0, colon)];
    const prefix = uri === undefined ? undefined : this.prefixes.get(uri);
    if (prefix === undefined) return name;
    const local = name.slice(colon + 1);
    return prefix === '' ? local : `${prefix}:${local}`;
  }

  /** References of XML itself; any other is an Error, for no DTD is read. */
  private unescaped(text: string): string {
    if (!text.includes('&')) return text;
    return text.replaceAll(
      /&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w+)?(;?)/g,
      (all, reference: string | undefined, end: string) => {
        const char = reference !== undefined && end === ';' ? charOf(reference) : undefined;
        if (char === undefined)
          this.problem('Reference', `${JSON.stringify(all.slice(0, 20))} is no reference that is known`, 'Error', all);
        return char ?? all;
      },
    );
  }

  /** `what`: the text that it is about. */
  private problem(code: string, message: string, severity: Problem['severity'], what: string): void {
    if (this.problems.length >= 1000) return;
    const found = this.text.indexOf(what, this.at === 0 ? 0 : this.at + 1);
    if (found >= 0) {
      this.line += lineAt(this.text.slice(this.at, found), found) - 1;
      this.at = found;
    }
    const place = found < 0 ? {} : { line: this.line };
    this.problems.push({ code: `xml.${code}`, message, severity, place });
  }
}

function scopeOf(outer: Scope, attributes: (readonly [string, string])[]): Scope {
  const declared = attributes.filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  return { ...outer, ...Object.fromEntries(declared.map(([name, uri]) => [name.slice(6), uri])) };
}

/** Blanks between elements are layout; alone in an element, or beside other text, they are text. */
const isLayout = (child: Node, siblings: Node[]): boolean =>
  /^\s*$/.test(String(child['#text'])) &&
  siblings.length > 1 &&
  siblings.every(
    (other) => nameOf(other) !== '#cdata' && (nameOf(other) !== '#text' || /^\s*$/.test(String(other['#text']))),
  );

/** Whether children of one name do not stand together: then keys alone do not tell their order. */
function isScattered(order: string[]): boolean {
  const ended = new Set<string>();
  for (let i = 1; i < order.length; i++) {
    if (order[i] === order[i - 1]) continue;
    ended.add(order[i - 1]!);
    if (ended.has(order[i]!)) return true;
  }
  return false;
}

const PREDEFINED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function charOf(reference: string): string | undefined {
  if (!reference.startsWith('#')) return Object.hasOwn(PREDEFINED, reference) ? PREDEFINED[reference] : undefined;
  const code = reference[1] === 'x' ? Number.parseInt(reference.slice(2), 16) : Number(reference.slice(1));
  const allowed =
    code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
  return allowed ? String.fromCodePoint(code) : undefined;
}

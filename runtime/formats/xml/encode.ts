/** A document to XML. The order is that of the keys, or of `#order` where there is one. */
import type { Problem } from '../format.ts';

export interface XmlWriting {
  /** Default UTF-8; ISO-8859-1 writes other characters as references. */
  encoding?: 'UTF-8' | 'ISO-8859-1';
  /** What stands between `<!DOCTYPE` and `>`, for cXML. */
  doctype?: string;
  /** Per level; default none, all on one line. */
  indent?: string;
  /** Declared at the root: prefixes that the document uses. */
  namespaces?: Record<string, string>;
}

type Value = Record<string, unknown>;
const NAME = /^[\p{L}_][\p{L}\p{N}._-]*(:[\p{L}_][\p{L}\p{N}._-]*)?$/u;
const MAX_DEPTH = 100;

/** `document`: one key, the root. Never throws; an Error in `problems` means: do not send it. `place.path` is a JSON pointer. */
export function encodeXml(document: unknown, writing: XmlWriting = {}): { bytes: Buffer; problems: Problem[] } {
  const writer = new Writer(writing);
  const bytes = writer.write(document);
  return { bytes, problems: writer.problems };
}

class Writer {
  readonly problems: Problem[] = [];
  private readonly writing: XmlWriting;
  private readonly parts: string[] = [];

  constructor(writing: XmlWriting) {
    this.writing = writing;
  }

  write(document: unknown): Buffer {
    const { encoding = 'UTF-8', doctype, namespaces = {}, indent } = this.writing;
    const lineBreak = indent === undefined ? '' : '\n';
    this.parts.push(`<?xml version="1.0" encoding="${encoding}"?>${lineBreak}`);
    if (doctype !== undefined) {
      if (/[<>[\]]/.test(doctype)) this.fail('', 'a doctype is a name and an identifier: cXML SYSTEM "…"');
      this.parts.push(`<!DOCTYPE ${doctype}>${lineBreak}`);
    }
    const names = isObject(document) ? Object.keys(document) : [];
    if (names.length !== 1) this.fail('', 'a document is an object of one key, its root');
    else {
      const declared = Object.entries(namespaces).map(([prefix, uri]) => [
        prefix === '' ? '@xmlns' : `@xmlns:${prefix}`,
        uri,
      ]);
      const root = (document as Value)[names[0]!];
      const content =
        declared.length === 0
          ? root
          : { ...Object.fromEntries(declared), ...(isObject(root) ? root : { '#text': root }) };
      this.element(names[0]!, content, `/${names[0]}`, 0);
      this.parts.push(lineBreak);
    }
    const text = this.parts.join('');
    if (encoding === 'UTF-8') return Buffer.from(text);
    return Buffer.from(
      text.replaceAll(/[^\0-\xff]/gu, (char) => `&#${char.codePointAt(0)};`),
      'latin1',
    );
  }

  private element(name: string, value: unknown, path: string, depth: number): void {
    if (!NAME.test(name)) {
      this.fail(path, `${JSON.stringify(name.slice(0, 40))} is no name of an element`);
      return;
    }
    if (depth >= MAX_DEPTH) {
      this.fail(path, `more than ${MAX_DEPTH} elements in each other`);
      return;
    }
    if (!isObject(value)) {
      const text = this.text(value, path);
      this.parts.push(text === '' ? `<${name}/>` : `<${name}>${escaped(text)}</${name}>`);
      return;
    }
    const keys = Object.keys(value).filter((key) => value[key] !== undefined && value[key] !== null);
    this.parts.push(`<${name}`);
    for (const key of keys.filter((each) => each.startsWith('@'))) {
      if (!NAME.test(key.slice(1))) this.fail(`${path}/${key}`, `${key} is no name of an attribute`);
      else
        this.parts.push(
          ` ${key.slice(1)}="${escaped(this.text(value[key], `${path}/${key}`))
            .replaceAll('"', '&quot;')
            .replaceAll(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`)}"`,
        );
    }
    const children = this.inOrder(
      value,
      keys.filter((key) => !key.startsWith('@') && key !== '#order'),
      path,
    );
    if (children.length === 0) {
      this.parts.push('/>');
      return;
    }
    this.parts.push('>');
    // Text beside elements: a line break would become part of it.
    const { indent } = this.writing;
    const laid = indent !== undefined && children.every(({ key }) => key !== '#text' && key !== '#cdata');
    for (const { key, item, at } of children) {
      if (laid) this.parts.push(`\n${indent.repeat(depth + 1)}`);
      if (key === '#text') this.parts.push(escaped(this.text(item, at)));
      else if (key === '#cdata')
        this.parts.push(`<![CDATA[${this.text(item, at).replaceAll(']]>', ']]]]><![CDATA[>')}]]>`);
      else if (key === '#comment') this.parts.push(`<!--${this.text(item, at).replaceAll(/--|-$/g, '- ')}-->`);
      else this.element(key, item, at, depth + 1);
    }
    this.parts.push(laid ? `\n${indent.repeat(depth)}</${name}>` : `</${name}>`);
  }

  /** Children as they are to stand. `#order` names each; what it leaves out comes behind. */
  private inOrder(value: Value, keys: string[], path: string): { key: string; item: unknown; at: string }[] {
    const lists = new Map<string, { key: string; item: unknown; at: string }[]>();
    for (const key of keys) {
      const found = value[key];
      const items = Array.isArray(found) ? found : [found];
      lists.set(
        key,
        items.map((item, i) => ({ key, item, at: Array.isArray(found) ? `${path}/${key}/${i}` : `${path}/${key}` })),
      );
    }
    const order = Array.isArray(value['#order']) ? value['#order'] : [];
    const taken = order.flatMap((key) => lists.get(String(key))?.splice(0, 1) ?? []);
    return [...taken, ...[...lists.values()].flat()];
  }

  private text(value: unknown, path: string): string {
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      this.fail(path, 'a value is text, a number, true or false');
      return '';
    }
    const text = String(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold.
    if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)) this.fail(path, 'XML cannot hold control characters');
    return text;
  }

  private fail(path: string, message: string): void {
    if (this.problems.length < 1000)
      this.problems.push({ code: 'xml.InvalidValue', message, severity: 'Error', place: { path } });
  }
}

const isObject = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');

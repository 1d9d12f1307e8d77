/**
 * TypeScript declarations → JSON schemas (draft 2020-12, as OpenAPI 3.1 has it). Understands what contract/ uses: interfaces with `extends`, aliases,
 * unions of literals, arrays, index signatures, inline objects. JSDoc becomes the description; its tags (`@minLength 1`) become keywords.
 */
import ts from 'typescript';

export type Schema = { [keyword: string]: unknown };

export interface Declared {
  /** By name of the exported type. */
  schemas: Record<string, Schema>;
  /** Members of `Endpoints`: `GET /me` → names of its types. */
  endpoints: Record<string, { query?: string; body?: string; answer?: string }>;
}

const ENDPOINTS = 'Endpoints';
const NUMERIC = new Set(['minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems']);

export interface SourceText {
  file: string;
  text: string;
}

/** Throws where a declaration is of a form that it does not understand, with its place. Names are one space over all files. */
export function declaredIn(files: readonly SourceText[]): Declared {
  const statements = files.flatMap(({ file, text }) => [
    ...ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true).statements,
  ]);
  const fail = (node: ts.Node, what: string): never => {
    const source = node.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    throw new Error(`${source.fileName}:${line + 1}: ${what}: ${node.getText().slice(0, 80)}`);
  };

  const typeOf = (node: ts.TypeNode): Schema => {
    if (ts.isArrayTypeNode(node)) return { type: 'array', items: typeOf(node.elementType) };
    if (ts.isTypeReferenceNode(node)) return { $ref: `#/components/schemas/${node.typeName.getText()}` };
    if (ts.isTypeLiteralNode(node)) return objectOf(node.members);
    if (ts.isLiteralTypeNode(node)) return literals([node]);
    if (ts.isUnionTypeNode(node)) {
      const plain = node.types.filter(ts.isLiteralTypeNode);
      if (plain.length === node.types.length) return literals(plain);
      return { anyOf: node.types.map(typeOf) };
    }
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: 'string' };
      case ts.SyntaxKind.NumberKeyword:
        return { type: 'number' };
      case ts.SyntaxKind.BooleanKeyword:
        return { type: 'boolean' };
      default:
        return fail(node, 'not understood');
    }
  };
  const literals = (nodes: readonly ts.LiteralTypeNode[]): Schema => ({
    type: 'string',
    enum: nodes.map(({ literal }) => (ts.isStringLiteral(literal) ? literal.text : fail(literal, 'not a text'))),
  });
  const objectOf = (members: ts.NodeArray<ts.TypeElement>): Schema => {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const member of members) {
      if (ts.isIndexSignatureDeclaration(member)) return { type: 'object', additionalProperties: typeOf(member.type) };
      if (!ts.isPropertySignature(member) || !member.type) return fail(member, 'not understood');
      const name = member.name.getText();
      properties[name] = withDoc(member, typeOf(member.type));
      if (!member.questionToken) required.push(name);
    }
    return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
  };
  const withDoc = (node: ts.Node, schema: Schema): Schema => {
    const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    if (!doc) return schema;
    const text = doc
      .getText()
      .replace(/^\/\*\*|\*\/$/g, '')
      .replace(/^\s*\* ?/gm, '')
      .trim();
    const [description = ''] = text.split(/\s@\w/);
    const keywords: Schema = {};
    for (const [, name, value] of text.matchAll(/@(\w+) (\S+)/g))
      keywords[name!] = NUMERIC.has(name!) ? Number(value) : value;
    return { ...schema, ...keywords, ...(description && { description: description.replace(/\s+/g, ' ').trim() }) };
  };

  const interfaces = new Map(
    statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node] as const),
  );
  const merged = (node: ts.InterfaceDeclaration): Schema => {
    const own = objectOf(node.members);
    const bases = (node.heritageClauses ?? []).flatMap(({ types }) =>
      types.map((type) => merged(interfaces.get(type.getText()) ?? fail(type, 'extends an unknown interface'))),
    );
    const required = [...bases, own].flatMap((schema) => (schema.required as string[] | undefined) ?? []);
    return {
      ...own,
      ...(own.properties !== undefined && {
        properties: Object.assign({}, ...bases.map(({ properties }) => properties), own.properties),
      }),
      ...(required.length > 0 && { required }),
    };
  };

  const schemas: Record<string, Schema> = {};
  const endpoints: Declared['endpoints'] = {};
  for (const statement of statements) {
    if (ts.isTypeAliasDeclaration(statement)) schemas[statement.name.text] = withDoc(statement, typeOf(statement.type));
    if (!ts.isInterfaceDeclaration(statement)) continue;
    if (statement.name.text !== ENDPOINTS) schemas[statement.name.text] = withDoc(statement, merged(statement));
    else
      for (const member of statement.members) {
        if (!ts.isPropertySignature(member) || !member.type || !ts.isTypeLiteralNode(member.type)) continue;
        endpoints[(member.name as ts.StringLiteral).text] = Object.fromEntries(
          member.type.members.flatMap((part) => {
            if (!ts.isPropertySignature(part) || !part.type) return [];
            return ts.isTypeReferenceNode(part.type) ? [[part.name.getText(), part.type.getText()]] : [];
          }),
        );
      }
  }
  return { schemas, endpoints };
}

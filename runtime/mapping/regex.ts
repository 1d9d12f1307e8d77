import { RE2JS } from 're2js';

/**
 * What JSONata needs of a RegExp (`exec` with `lastIndex`), on a linear-time engine: no input can make a pattern run away.
 * Look-around and back-references do not exist there; lint refuses them.
 */
export class LinearRegExp {
  lastIndex = 0;
  readonly #pattern: RE2JS;
  /** Instructions of the pattern: a run takes time by them and by the text. */
  readonly size: number;

  /** Throws RE2JSException for what the engine lacks. */
  constructor(source: RegExp) {
    let flags = 0;
    if (source.flags.includes('i')) flags |= RE2JS.CASE_INSENSITIVE;
    if (source.flags.includes('m')) flags |= RE2JS.MULTILINE;
    this.#pattern = RE2JS.compile(RE2JS.translateRegExp(source.source), flags);
    this.size = this.#pattern.programSize();
  }

  exec(text: string): ((string | undefined)[] & { index: number }) | null {
    const matcher = this.#pattern.matcher(text);
    if (!matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups, { index: matcher.start() });
  }
}

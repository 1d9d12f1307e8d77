/** Reads `id title`, a line each; gives the title of an id, empty where it has none. */
export function titlesOf(lines: string): (id: string) => string {
  const known = new Map(
    lines
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const space = line.indexOf(' ');
        return [line.slice(0, space), line.slice(space + 1)];
      }),
  );
  return (id) => known.get(id) ?? '';
}

/** Tables: numbers to the right, rows to be gone through by keyboard; on a small screen each row is a card. */
import type { ComponentChildren } from 'preact';
import { go } from '../lib/router.ts';

export interface Column<T> {
  head: string;
  cell: (row: T) => ComponentChildren;
  num?: boolean;
  /** On a small screen: over the whole width of the card. */
  whole?: boolean;
  /** On a small screen: needs no name beside it. */
  bare?: boolean;
  width?: string;
  /** Its name is heard and not seen. */
  silent?: boolean;
}
export interface TableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Enter or a click opens it. */
  href?: (row: T) => string | undefined;
  selection?: { chosen: ReadonlySet<string>; set(chosen: ReadonlySet<string>): void };
  /** Of a wide grid of numbers: scrolls within itself instead of cards. */
  wide?: boolean;
}

export function Table<T>({ label, columns, rows, rowKey, href, selection, wide = false }: TableProps<T>) {
  const toggle = (key: string): void => {
    const next = new Set(selection!.chosen);
    if (!next.delete(key)) next.add(key);
    selection!.set(next);
  };
  const all = selection !== undefined && rows.length > 0 && rows.every((row) => selection.chosen.has(rowKey(row)));
  const table = (
    <table aria-label={label}>
      <thead>
        <tr>
          {selection && (
            <th style={{ width: '2rem' }}>
              <input
                type="checkbox"
                aria-label="All rows"
                checked={all}
                onChange={() => selection.set(all ? new Set() : new Set(rows.map(rowKey)))}
              />
            </th>
          )}
          {columns.map(({ head, num, width, silent }) => (
            <th key={head} scope="col" class={num ? 'num' : ''} style={width ? { width } : undefined}>
              {silent ? <span class="sr">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const key = rowKey(row);
          const to = href?.(row);
          return (
            <tr
              key={key}
              data-row
              tabIndex={-1}
              class={`${to ? 'open' : ''} ${selection?.chosen.has(key) ? 'chosen' : ''}`}
              onClick={(event) => {
                if (!to || (event.target as Element).closest('a, button, input, select, label')) return;
                if (getSelection()?.toString()) return;
                go(to);
              }}
              onKeyDown={(event) => {
                if (event.target !== event.currentTarget) return;
                if (event.key === 'Enter' && to) go(to);
                if (event.key === 'x' && selection) toggle(key);
              }}
            >
              {selection && (
                <td class="pick">
                  <input
                    type="checkbox"
                    aria-label={`Choose ${key}`}
                    checked={selection.chosen.has(key)}
                    onChange={() => toggle(key)}
                  />
                </td>
              )}
              {columns.map(({ head, cell, num, whole, bare }, i) => (
                <td
                  key={head}
                  class={`${num ? 'num' : ''} ${whole || i === 0 ? 'whole' : ''}`}
                  data-label={bare || i === 0 ? undefined : head}
                >
                  {i === 0 && to ? (
                    <a href={to} class="key">
                      {cell(row)}
                    </a>
                  ) : (
                    cell(row)
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
  // A region that scrolls must be reachable by keyboard.
  return wide ? (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section class="table" tabIndex={0} aria-label={`${label}, scrolls sideways`}>
      {table}
    </section>
  ) : (
    <div class="table cards">{table}</div>
  );
}

/**
 * What a person decided about an exception, as it comes in by an Integration with `source.resolutions`: what its Mapping reads. The tracker sends it
 * through INTAKE as the channel `integration/<name>`, as a connector's message would come.
 */
export interface ResolutionInput {
  /** Name of the resolution: `ReleaseInvoice`. */
  resolution: string;
  by: string;
  reason: string;
  /** RFC 3339. */
  at: string;
  process: string;
  /** Of the transaction: the order's number. */
  key: string;
  partners: string[];
  exception: {
    id: string;
    match: string;
    kind: string;
    /** '' where it is of no line. */
    line: string;
    expected: string;
    actual: string;
    /** Decimal text. */
    money?: string;
    currency?: string;
    severity: string;
    /** RFC 3339. */
    openedAt: string;
  };
  /** The order line that it is about, where it is about one. */
  line?: { id: string; item?: string; unit?: string; ordered: string; price?: string; currency?: string };
  /** Canonical documents of the transaction that count now, by the side of the match; those that the archive does not have are not there. */
  documents: { ordered?: unknown[]; shipped?: unknown[]; received?: unknown[]; invoiced?: unknown[] };
}

const text = { type: 'string' };
const side = { type: 'array', items: { type: 'object' } };
const closed = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
/** The same as JSON Schema, so that lint knows what an expression may read. */
export const RESOLUTION_SCHEMA: Record<string, unknown> = closed(
  {
    ...{ resolution: text, by: text, reason: text, at: text, process: text, key: text },
    partners: { type: 'array', items: text },
    exception: closed(
      {
        ...{ id: text, match: text, kind: text, line: text, expected: text, actual: text },
        ...{ money: text, currency: text, severity: text, openedAt: text },
      },
      ['money', 'currency'],
    ),
    line: closed({ id: text, item: text, unit: text, ordered: text, price: text, currency: text }, [
      ...['item', 'unit', 'price', 'currency'],
    ]),
    documents: closed({ ordered: side, shipped: side, received: side, invoiced: side }, [
      ...['ordered', 'shipped', 'received', 'invoiced'],
    ]),
  },
  ['line'],
);

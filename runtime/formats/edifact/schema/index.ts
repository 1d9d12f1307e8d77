/** Directories: those that have tables of their own, and the nearest earlier one for every other. */
import { composites } from './composites.ts';
import { elements as data } from './elements.ts';
import { messages } from './messages.ts';
import { parseElements, parseMessage, parseSegments, splitMessages, yearly } from './notation.ts';
import type { Directory, MessageDef, SegmentDef } from './schema.ts';
import { segments } from './segments.ts';

const elements = `${data}${composites}`;
const compiled = new Map<string, Directory>();
/** Between two bounds of the tables all directories are alike, so that odd UNH02 values cannot fill the memory. */
const steps = [...`${elements}${segments}${messages}`.matchAll(/^(?:=== )?@(\d\d[A-Z]) /gm)]
  .map((found) => yearly(found[1]!))
  .filter((step, i, all) => all.indexOf(step) === i)
  .sort();

/** `release` as in UNH0203: `96A`, `01B`. What is no directory (CONTRL's `3`) is taken as the base, D.96A. */
export function directoryFor(release: string): Directory {
  const directory = /^\d\d[A-Z]$/.test(release) ? yearly(release) : '';
  let step = '';
  for (const bound of steps) if (bound <= directory) step = bound;
  let found = compiled.get(step);
  if (!found) {
    found = compile(step);
    compiled.set(step, found);
  }
  return found;
}

function compile(directory: string): Directory {
  const segmentTable = parseSegments(segments, parseElements(elements, directory), directory);
  const sources = splitMessages(messages, directory);
  const parsed = new Map<string, MessageDef>();
  const segmentOf = (id: string): SegmentDef => {
    const segment = segmentTable.get(id);
    if (!segment) throw new Error(`schema: segment ${id} is not described`);
    return segment;
  };
  const message = (id: string): MessageDef | undefined => {
    const source = sources.get(id);
    if (!source) return undefined;
    let found = parsed.get(id);
    if (!found) {
      found = parseMessage(id, source, segmentOf);
      parsed.set(id, found);
    }
    return found;
  };
  return {
    segment: (id) => segmentTable.get(id),
    message,
    messages: () => [...sources.keys()].map((id) => message(id)!),
  };
}

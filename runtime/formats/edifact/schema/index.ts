/** Directories: one compiled for each span in which the tables are alike. */
import { boundsIn } from '../../bounds.ts';
import { composites } from './composites.ts';
import { elements as data } from './elements.ts';
import { messages } from './messages.ts';
import { parseElements, parseMessage, parseSegments, splitMessages, yearly } from './notation.ts';
import type { Directory, MessageDef, SegmentDef } from './schema.ts';
import { segments } from './segments.ts';

const elements = `${data}${composites}`;
const compiled = new Map<string, Directory>();
/** Between two bounds of the tables all directories are alike, so that odd UNH02 values cannot fill the memory. */
const steps = boundsIn(`${elements}${segments}${messages}`, yearly);

/** `release` as in UNH0203: `96A`, `01B`. What is no directory (CONTRL's `3`) is taken as D.96A. */
export function directoryFor(release: string): Directory {
  const directory = yearly(/^\d\d[A-Z]$/.test(release) ? release : '96A');
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
  const sources = splitMessages(messages);
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
      found = parseMessage(id, source, directory, segmentOf);
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

import { DocumentError } from '../../errors.ts';

/** A function of ours. `arity` counts the parameters that must be there, for functions that call it. */
export interface Definition {
  run: (...args: never[]) => unknown;
  /** Types of the arguments in JSONata's notation; without one, the function looks itself. */
  signature?: string;
}

/** An error of a function: what, and how to mend it. */
export const refused = (code: string, message: string): DocumentError =>
  new DocumentError({ class: 'MappingFailed', code, message });

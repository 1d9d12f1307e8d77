import { serveParts } from './parts.ts';

export default function setup(): Promise<() => Promise<void>> {
  return serveParts();
}

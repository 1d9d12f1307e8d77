import { expect, it } from 'vitest';
import { qualified } from './oci.ts';

it.each([
  ['crossdock:1', 'docker.io/library/crossdock:1'],
  ['crossdock', 'docker.io/library/crossdock:latest'],
  ['team/crossdock:1', 'docker.io/team/crossdock:1'],
  ['registry.example.com/crossdock:1', 'registry.example.com/crossdock:1'],
  ['localhost:5000/crossdock', 'localhost:5000/crossdock:latest'],
])('%s is %s in full', (name, full) => expect(qualified(name)).toBe(full));

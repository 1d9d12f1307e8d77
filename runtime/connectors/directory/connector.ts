import type { ConnectorDefinition } from '../connector.ts';
import { directorySink } from './sink.ts';
import { directorySource } from './source.ts';

export const directoryConnector: ConnectorDefinition = {
  name: 'directory',
  source: directorySource,
  sink: directorySink,
};

/** Files on a server that is reached by SSH. */
import type { ConnectorDefinition } from '../connector.ts';
import { sftpSink } from './sink.ts';
import { sftpSource } from './source.ts';

export const sftpConnector: ConnectorDefinition = {
  name: 'sftp',
  source: sftpSource,
  sink: sftpSink,
};

import type { ConnectorDefinition } from '../connector.ts';
import { httpSink } from './sink.ts';

/** Destination only: what comes in by HTTP comes through the ingress. */
export const httpConnector: ConnectorDefinition = { name: 'http', sink: httpSink };

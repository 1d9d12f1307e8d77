/** The manifests as data. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Schema } from '../schema.ts';

export interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  description?: string;
  priority?: number;
}
export interface Manifest {
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  columns: PrinterColumn[];
  /** Of the whole object: apiVersion, kind, metadata, spec, status. */
  schema: Schema;
}
interface CustomResourceDefinition {
  spec: {
    names: { kind: string; plural: string; singular: string; shortNames: string[] };
    versions: { additionalPrinterColumns: PrinterColumn[]; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** In the order in which a person meets them: who, what, flow. */
const ORDER = [
  'Broker',
  'Organization',
  'PartnerProfile',
  'Partner',
  'Connector',
  'DocumentType',
  'ReferenceTable',
  'Mapping',
  'Integration',
  'BusinessProcess',
  'SLAPolicy',
  'RuntimePool',
  'Hold',
  'Replay',
];

export function readManifests(directory: URL): Manifest[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const { spec } = parse(readFileSync(new URL(file, directory), 'utf8')) as CustomResourceDefinition;
      const version = spec.versions[0]!;
      if (!ORDER.includes(spec.names.kind))
        throw new Error(`${file}: add ${spec.names.kind} to ORDER in generator/manifest.ts`);
      const { kind, plural, singular, shortNames } = spec.names;
      return {
        kind,
        plural,
        singular,
        shortNames,
        columns: version.additionalPrinterColumns,
        schema: version.schema.openAPIV3Schema,
      };
    })
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

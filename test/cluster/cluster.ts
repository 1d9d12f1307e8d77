/**
 * A Kubernetes for the suite, whatever carries it: a node in namespaces of this machine (single-node.ts), or kind (kind/kind.ts). Nothing
 * here reaches addresses of pods or Services from outside: what must, runs in a pod by `kubectl exec`.
 */
import type { WrittenImage } from '../../images/oci.ts';
import type { Log } from '../../standalone/process.ts';
import * as kind from './kind/kind.ts';
import { obstacle } from './programs.ts';
import * as node from './single-node.ts';

export interface Result {
  stdout: string;
  stderr: string;
  code: number | null;
}
export interface Cluster {
  readonly folder: string;
  /** As the administrator. Never rejects. */
  kubectl(args: readonly string[], input?: string, timeoutMs?: number): Promise<Result>;
  /** As kubectl, with the output of a success; throws what kubectl says otherwise. */
  get(args: readonly string[], input?: string): Promise<string>;
  helm(args: readonly string[], timeoutMs?: number): Promise<Result>;
  /** Onto every node. */
  load(image: WrittenImage): Promise<void>;
  /** A shell script as root on one node after the other until it succeeds; it sees the processes of the node's pods. Throws if it never does. */
  onSomeNode(script: string): Promise<Result>;
  /** What a person enters to look around. */
  howToUse(): Promise<string>;
  down(): Promise<void>;
}
/** What carries clusters. */
export interface Carrier {
  /** Undefined where one can be had; else what is in the way. */
  obstacle(): string | undefined;
  /** Takes a cluster of this name down first. `lasting`: stays up when this process ends. Throws where none can be had. */
  up(name: string, log: Log, lasting?: boolean): Promise<Cluster>;
  /** Leaves nothing but images. Of a cluster that is not there: nothing to do. */
  down(name: string): Promise<void>;
}

const CARRIERS: Readonly<Record<'node' | 'kind', Carrier>> = {
  node: { obstacle, up: node.up, down: node.down },
  kind: { obstacle: kind.obstacle, up: kind.up, down: kind.down },
};
export type CarrierName = keyof typeof CARRIERS;

export const carrier = (name: CarrierName): Carrier => CARRIERS[name];

/** CROSSDOCK_CLUSTER says which (`node` or `kind`); else a node of this machine where it can be had, else kind. */
export function chosenCarrier(): Carrier {
  const { CROSSDOCK_CLUSTER: name } = process.env;
  if (name === undefined || name === '')
    return obstacle() !== undefined && kind.obstacle() === undefined ? CARRIERS.kind : CARRIERS.node;
  if (name !== 'node' && name !== 'kind') throw new Error(`CROSSDOCK_CLUSTER is ${name}; it is node or kind`);
  return CARRIERS[name];
}

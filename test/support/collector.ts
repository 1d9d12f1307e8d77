/** The OpenTelemetry Collector, built with Go from its modules (a minute on two cores, once): takes OTLP, and writes spans into a file. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cached } from '../../standalone/cache.ts';
import { freePort, type Log, spawnManaged, untilReady } from '../../standalone/process.ts';
import { goBuild, hashOfFolder, obtainGo } from './go.ts';

const SOURCES = join(import.meta.dirname, 'collector');

export async function obtainCollector(log: Log): Promise<string> {
  const folder = await cached(
    `otel-collector-${hashOfFolder(SOURCES)}-${process.arch}`,
    async (target) => {
      log('OpenTelemetry Collector: building it with Go (a minute on two cores, once)');
      await goBuild(await obtainGo(log), SOURCES, '.', join(target, 'collector'), '', log);
    },
    { log },
  );
  return join(folder, 'collector');
}

type Attribute = { key: string; value: Record<string, string | number | boolean> };
/** As OTLP's JSON has it. */
interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes?: Attribute[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
}
export interface CollectedSpan extends Omit<WireSpan, 'attributes' | 'kind' | 'status'> {
  kind: string;
  failed: boolean;
  attributes: Record<string, string | number | boolean>;
  resource: Record<string, string | number | boolean>;
}
const KINDS = ['', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];

export interface Collector {
  endpoint: string;
  /** All that was written, as it is. */
  text(): string;
  spans(): CollectedSpan[];
  /** The spans, once `settled` says so; throws with what they were after the deadline. */
  until(settled: (spans: CollectedSpan[]) => boolean, deadlineMs?: number): Promise<CollectedSpan[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startCollector(log: Log = () => {}): Promise<Collector> {
  const program = await obtainCollector(log);
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-collector-'));
  const [port, file] = [await freePort(), join(folder, 'spans.jsonl')];
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'config.yaml'),
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: { file: { path: file, flush_interval: '50ms' } },
      service: {
        pipelines: { traces: { receivers: ['otlp'], exporters: ['file'] } },
        telemetry: { metrics: { level: 'none' } },
      },
    }),
  );
  const collector = spawnManaged({
    command: program,
    args: ['--config', `file:${join(folder, 'config.yaml')}`],
    env: {},
    logFile: join(folder, 'log'),
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(`${endpoint}/v1/traces`)).status === 405;
  await untilReady('the OpenTelemetry Collector', collector, answers, 30_000);
  const text = () => readFileSync(file, { encoding: 'utf8', flag: 'a+' });
  const spans = () =>
    text()
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .flatMap((line) => spansOf(JSON.parse(line)));
  return {
    endpoint,
    text,
    spans,
    async until(settled, deadlineMs = 20_000) {
      const end = Date.now() + deadlineMs;
      for (;;) {
        const all = spans();
        if (settled(all)) return all;
        if (Date.now() > end)
          throw new Error(`not the spans that were awaited: ${JSON.stringify(all.map(({ name }) => name))}`);
        await sleep(50);
      }
    },
    async [Symbol.asyncDispose]() {
      await collector.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Line {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: WireSpan[] }[] }[];
}
const spansOf = ({ resourceSpans }: Line): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ kind, status, attributes = [], ...span }) => ({
        ...span,
        kind: KINDS[kind]!,
        failed: status?.code === 2,
        attributes: valuesOf(attributes),
        resource: valuesOf(resource.attributes),
      })),
    ),
  );

/** Whole numbers are texts in JSON. */
const valuesOf = (attributes: Attribute[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, 'intValue' in value ? Number(value.intValue) : Object.values(value)[0]!]),
  );

import { fileURLToPath } from "node:url";
import { loadPackageDefinition, Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Message of its error; undefined for a span that has not failed. */
  readonly error: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface ReceivedLog {
  readonly service: string;
  readonly severity: number;
  readonly message: unknown;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}
interface Exported {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: {
      spans: {
        traceId: Buffer;
        spanId: Buffer;
        parentSpanId: Buffer;
        name: string;
        attributes: KeyValue[];
        links: { traceId: Buffer; spanId: Buffer }[];
        status?: { message: string; code: number } | null;
      }[];
    }[];
  }[];
}

interface ExportedLogs {
  resourceLogs: {
    resource: { attributes: KeyValue[] };
    scopeLogs: {
      logRecords: {
        severityNumber: number;
        body: Record<string, unknown>;
        attributes: KeyValue[];
        /** Absent outside spans. */
        traceId?: Buffer;
        spanId?: Buffer;
      }[];
    }[];
  }[];
}

const STATUS_CODE_ERROR = 2;

const hex = (bytes?: Buffer) => bytes?.toString("hex") ?? "";
const valuesOf = (attributes: KeyValue[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, Object.values(value).find((part) => part !== undefined)]),
  );

/** A service of OTLP, in the description of its file. */
function collectorService(signal: "trace" | "logs", service: "TraceService" | "LogsService"): ServiceDefinition {
  const path = fileURLToPath(new URL(`../../proto/otlp_${signal}.proto`, import.meta.url));
  const described = loadPackageDefinition(loadSync(path, { longs: Number, arrays: true })) as unknown as {
    opentelemetry: { proto: { collector: Record<string, { v1: Record<string, { service: ServiceDefinition }> }> } };
  };
  const found = described.opentelemetry.proto.collector[signal]?.v1[service];
  if (!found) throw new Error(`${path} has no ${service}.`);
  return found.service;
}

/** A real OTLP/gRPC receiver on loopback that keeps what it receives. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  const server = new Server();
  server.addService(collectorService("trace", "TraceService"), {
    Export: (call: { request: Exported }, done: (error: null, response: object) => void) => {
      for (const { resource, scopeSpans } of call.request.resourceSpans) {
        const service = String(valuesOf(resource.attributes)["service.name"]);
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          spans.push({
            service,
            name: span.name,
            traceId: hex(span.traceId),
            spanId: hex(span.spanId),
            parentSpanId: hex(span.parentSpanId),
            attributes: valuesOf(span.attributes),
            error: span.status?.code === STATUS_CODE_ERROR ? span.status.message : undefined,
            links: span.links.map((link) => ({ traceId: hex(link.traceId), spanId: hex(link.spanId) })),
          });
        }
      }
      done(null, {});
    },
  });
  server.addService(collectorService("logs", "LogsService"), {
    Export: (call: { request: ExportedLogs }, done: (error: null, response: object) => void) => {
      for (const { resource, scopeLogs } of call.request.resourceLogs) {
        const service = String(valuesOf(resource.attributes)["service.name"]);
        for (const record of scopeLogs.flatMap((scope) => scope.logRecords)) {
          logs.push({
            service,
            severity: record.severityNumber,
            message: record.body.stringValue,
            traceId: hex(record.traceId),
            spanId: hex(record.spanId),
            attributes: valuesOf(record.attributes),
          });
        }
      }
      done(null, {});
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { spans, logs, url: `http://127.0.0.1:${port}`, close: async () => server.forceShutdown() };
}

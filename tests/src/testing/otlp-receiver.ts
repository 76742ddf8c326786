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

const STATUS_CODE_ERROR = 2;

const hex = (bytes: Buffer) => bytes.toString("hex");
const valuesOf = (attributes: KeyValue[]) =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, Object.values(value).find((part) => part !== undefined)]),
  );

/** A real OTLP/gRPC receiver on loopback that keeps what it receives. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = [];
  const definition = loadPackageDefinition(
    loadSync(fileURLToPath(new URL("../../proto/otlp_trace.proto", import.meta.url)), { longs: Number, arrays: true }),
  ) as unknown as {
    opentelemetry: { proto: { collector: { trace: { v1: { TraceService: { service: ServiceDefinition } } } } } };
  };
  const server = new Server();
  server.addService(definition.opentelemetry.proto.collector.trace.v1.TraceService.service, {
    Export: (call: { request: Exported }, done: (error: null, response: object) => void) => {
      for (const { resource, scopeSpans } of call.request.resourceSpans) {
        const service = String(valuesOf(resource.attributes)["service.name"]);
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          spans.push({
            service,
            name: span.name,
            traceId: hex(span.traceId),
            spanId: hex(span.spanId),
            parentSpanId: hex(span.parentSpanId ?? Buffer.alloc(0)),
            attributes: valuesOf(span.attributes),
            error: span.status?.code === STATUS_CODE_ERROR ? span.status.message : undefined,
            links: span.links.map((link) => ({ traceId: hex(link.traceId), spanId: hex(link.spanId) })),
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
  return { spans, url: `http://127.0.0.1:${port}`, close: async () => server.forceShutdown() };
}

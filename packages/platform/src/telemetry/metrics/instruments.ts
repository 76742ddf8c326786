/** What an instrument counts or shows. Names and units: https://opentelemetry.io/docs/specs/semconv/general/metrics/ */
interface Instrument {
  /** `counter`: only grows. `histogram`: a distribution of seconds. `gauge`: is read when it is asked for. */
  readonly kind: "counter" | "histogram" | "gauge";
  readonly unit: string;
  readonly description: string;
  /** Names of its attributes, each of few values: never an id of a batch, a tenant's name or a text. */
  readonly attributes: readonly string[];
}

/** Every metric of Polyreel. In Prometheus's format, dots are underscores, and `seconds`, `bytes` and `_total` are appended. */
export const INSTRUMENTS = {
  "polyreel.service.info": gauge("1", "A running service: always 1.", ["service", "version"]),
  "polyreel.service.ready": gauge("1", "Whether a service can work, as /ready answers.", ["service"]),
  "rpc.server.call.duration": histogram("Calls over gRPC, Connect and gRPC-Web.", [
    "rpc.method",
    "rpc.response.status_code",
  ]),
  "http.server.request.duration": histogram("Requests of routes over plain HTTP.", [
    "http.request.method",
    "http.route",
    "http.response.status_code",
  ]),
  "polyreel.stage.work.duration": histogram("Work on the messages of a stage, without waiting for a slot.", [
    "stage",
    "outcome",
  ]),
  "polyreel.stage.redelivered": counter("{message}", "Messages that a stage received again.", ["stage"]),
  "polyreel.stage.running": gauge("{message}", "Messages that a stage works on in this process.", ["stage"]),
  "polyreel.stage.slots": gauge("{slot}", "Concurrent work that a stage does in this process.", ["stage"]),
  "polyreel.stage.waiting": gauge("{message}", "Messages that wait for a stage, in all processes.", ["stage"]),
  "polyreel.stage.oldest": gauge("s", "Age of the oldest message that this process holds for a stage.", ["stage"]),
  "polyreel.facts": counter("{fact}", "Facts published, such as combination.rendered.", ["fact"]),
  "polyreel.parts": counter("{part}", "Parts that were asked for: made, reused or failed.", ["kind", "outcome"]),
  "polyreel.parts.core.time": counter("s", "Core seconds that making parts took.", ["kind"]),
  "polyreel.parts.amount": counter("1", "What was made: megapixels of all frames, or seconds of sound.", [
    "kind",
    "unit",
  ]),
  "polyreel.speech.characters": counter("{character}", "Characters of spoken lines.", ["engine"]),
  "polyreel.program.exits": counter("{exit}", "Programs that ended.", ["program", "outcome"]),
  "polyreel.store.requests": gauge("{request}", "Requests to an S3 store since the start.", ["http.request.method"]),
  "polyreel.store.io": gauge("By", "Bytes from and to an S3 store since the start.", ["direction"]),
  "polyreel.cache.lookups": counter("{lookup}", "Local copies of an S3 store's objects: found, or fetched.", [
    "outcome",
  ]),
  "polyreel.nats.connected": gauge("1", "Whether NATS is connected.", ["service"]),
  "polyreel.nats.disconnects": counter("{disconnect}", "Lost connections to NATS.", ["service"]),
  "polyreel.nats.refusals": counter("{refusal}", "Messages that the stream did not take.", ["fact"]),
  "polyreel.stream.used": gauge("By", "Size of the event stream.", []),
  "polyreel.stream.limit": gauge("By", "Size that the event stream may have.", []),
  "polyreel.stream.unreadable": counter("{message}", "Messages in the event stream that are no facts.", ["reason"]),
  "polyreel.projection.lag": gauge(
    "{message}",
    "Messages of the event stream that the read model has not taken in.",
    [],
  ),
  "polyreel.batches.live": gauge("{batch}", "Batches that have not ended.", []),
  "nodejs.eventloop.delay.p99": gauge("s", "Delay of the event loop, since the last time it was read.", []),
  "process.memory.usage": gauge("By", "Resident memory of the process.", []),
  "process.cpu.time": gauge("s", "Core seconds of the process since the start, without the programs that it runs.", []),
} as const satisfies Record<string, Instrument>;

type Table = typeof INSTRUMENTS;
type Named<Kind extends Instrument["kind"]> = {
  [Name in keyof Table]: Table[Name]["kind"] extends Kind ? Name : never;
}[keyof Table];
export type CounterName = Named<"counter">;
export type HistogramName = Named<"histogram">;
export type GaugeName = Named<"gauge">;

/** Values of all attributes of an instrument. */
export type AttributesOf<Name extends keyof Table> = Readonly<Record<Table[Name]["attributes"][number], string>>;

function counter<const A extends readonly string[]>(unit: string, description: string, attributes: A) {
  return { kind: "counter", unit, description, attributes } as const;
}

function histogram<const A extends readonly string[]>(description: string, attributes: A) {
  return { kind: "histogram", unit: "s", description, attributes } as const;
}

function gauge<const A extends readonly string[]>(unit: string, description: string, attributes: A) {
  return { kind: "gauge", unit, description, attributes } as const;
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Counter, Histogram } from "@opentelemetry/api";
import type { Running } from "../../lifecycle.js";
import { type AttributesOf, type CounterName, type GaugeName, type HistogramName, INSTRUMENTS } from "./instruments.js";

/** Answers a request for all metrics, in Prometheus's format. */
export type ServeMetrics = (request: IncomingMessage, response: ServerResponse) => void;

interface Reading<Name extends GaugeName> {
  readonly value: number;
  readonly attributes: AttributesOf<Name>;
}

/** What a gauge shows now; may ask others for it. */
type Read<Name extends GaugeName> = () => readonly Reading<Name>[] | Promise<readonly Reading<Name>[]>;

interface Collected {
  readonly counters: ReadonlyMap<CounterName, Counter>;
  readonly histograms: ReadonlyMap<HistogramName, Histogram>;
}

/** One for the process, as services may share it. Undefined: nothing is collected, and counting costs nothing. */
let collected: Collected | undefined;
const reads = new Map<GaugeName, Set<Read<GaugeName>>>();

export function count<Name extends CounterName>(name: Name, attributes: AttributesOf<Name>, by = 1): void {
  collected?.counters.get(name)?.add(by, attributes);
}

/** Notes a duration in seconds. */
export function record<Name extends HistogramName>(name: Name, attributes: AttributesOf<Name>, seconds: number): void {
  collected?.histograms.get(name)?.record(seconds, attributes);
}

/** Shows a gauge until it is closed. Several may show the same one with different attributes. */
export function show<Name extends GaugeName>(name: Name, read: Read<Name>): Running {
  const all = reads.get(name) ?? new Set();
  reads.set(name, all);
  all.add(read as Read<GaugeName>);
  return { close: async () => void all.delete(read as Read<GaugeName>) };
}

/** Seconds. A call is rarely above a second; work on a clip takes minutes. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 30, 60, 300, 1800];

/** Prometheus's convention has these units in names. Its exporter does not append them. */
const UNITS: Readonly<Record<string, string>> = { s: "seconds", By: "bytes" };

/** Begins to collect metrics in this process; called once. Loaded on demand. */
export async function collectMetrics(): Promise<ServeMetrics> {
  const [{ PrometheusExporter }, { AggregationType, MeterProvider }] = await Promise.all([
    import("@opentelemetry/exporter-prometheus"),
    import("@opentelemetry/sdk-metrics"),
  ]);
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const aggregation = { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: BUCKETS } } as const;
  const provider = new MeterProvider({
    readers: [exporter],
    views: [{ instrumentName: "*.duration.seconds", aggregation }],
  });
  const meter = provider.getMeter("polyreel");
  const counters = new Map<CounterName, Counter>();
  const histograms = new Map<HistogramName, Histogram>();
  for (const [name, { kind, unit, description }] of Object.entries(INSTRUMENTS)) {
    const shown = unit in UNITS ? `${name}.${UNITS[unit]}` : name;
    if (kind === "counter") counters.set(name as CounterName, meter.createCounter(shown, { description }));
    else if (kind === "histogram") histograms.set(name as HistogramName, meter.createHistogram(shown, { description }));
    else
      meter.createObservableGauge(shown, { description }).addCallback(async (result) => {
        for (const { value, attributes } of await readAll(name as GaugeName)) result.observe(value, attributes);
      });
  }
  collected = { counters, histograms };
  return (request, response) => exporter.getMetricsRequestHandler(request, response);
}

/** What cannot be read now is left out. */
async function readAll(name: GaugeName): Promise<Reading<GaugeName>[]> {
  const all = await Promise.allSettled([...(reads.get(name) ?? [])].map(async (read) => read()));
  return all.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
}

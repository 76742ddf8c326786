import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { GetStatsResponse, Latency } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import type { Terminal } from "../terminal/terminal.js";

export interface StatsOptions {
  server: string;
  tenant?: string | undefined;
  json?: boolean | undefined;
}

/** Prints statistics over all batches of a server; the day is in this machine's time zone. */
export async function showStats({ server, tenant = "", json }: StatsOptions, terminal: Terminal): Promise<void> {
  const connection = connectTo(server);
  try {
    const midnight = new Date();
    midnight.setHours(0, 0, 0, 0);
    const request = { tenant, dayBegan: timestampFromDate(midnight) };
    const stats = await call(connection, connection.batches.getStats(request));
    await terminal.print(json ? `${JSON.stringify(plain(stats))}\n` : text(stats));
  } finally {
    connection.close();
  }
}

const GROUPS = ["batches", "combinations", "today", "queued"] as const;
const SPANS = ["waiting", "encoding", "joining", "delivery"] as const;

function plain(stats: GetStatsResponse): object {
  return {
    ...Object.fromEntries(GROUPS.map((group) => [group, Object.fromEntries(countsOf(stats[group]))])),
    ...Object.fromEntries(
      SPANS.map((span) => [
        span,
        {
          count: Number(stats[span]?.count ?? 0n),
          p50Seconds: stats[span]?.p50Seconds ?? null,
          p95Seconds: stats[span]?.p95Seconds ?? null,
        },
      ]),
    ),
  };
}

const text = (stats: GetStatsResponse): string =>
  [
    ...GROUPS.map((group) => [
      group,
      countsOf(stats[group])
        .map(([name, count]) => `${count} ${name}`)
        .join(", "),
    ]),
    ...SPANS.map((span) => [span, latency(stats[span])]),
  ]
    .map(([name = "", what]) => `${name.padEnd(12)}  ${what}\n`)
    .join("");

/** The counts of a group, in the order of the contract. */
const countsOf = (group: object | undefined): [name: string, count: number][] =>
  Object.entries(group ?? {}).flatMap(([name, value]) => (typeof value === "bigint" ? [[name, Number(value)]] : []));

function latency(span: Latency | undefined): string {
  if (span?.p50Seconds === undefined || span.p95Seconds === undefined) return "nothing measured yet";
  return `half within ${seconds(span.p50Seconds)}, 95 % within ${seconds(span.p95Seconds)} (of ${span.count})`;
}

const seconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} s`;

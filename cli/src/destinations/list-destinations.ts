import type { ConfiguredDestination } from "@polyreel/contract";
import { plainFailure } from "@polyreel/spec/rows";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface DestinationsOptions {
  server: string;
  tenant?: string | undefined;
  json?: boolean | undefined;
}

/** `polyreel destinations`: a table, or one JSON object. */
export async function listDestinations(
  { server, tenant = "", json }: DestinationsOptions,
  terminal: Terminal,
): Promise<void> {
  const connection = connectTo(server);
  try {
    const { destinations } = await call(connection, connection.destinations.listDestinations({ tenant }));
    if (json) await terminal.print(`${JSON.stringify({ destinations: destinations.map(plain) })}\n`);
    else if (destinations.length === 0) terminal.note("No destinations are configured.\n");
    else await terminal.print(`${table(destinations).join("\n")}\n`);
  } finally {
    connection.close();
  }
}

const plain = ({ name, type, address, buckets, reachable, failure }: ConfiguredDestination): object => ({
  ...{ name, type, address },
  ...(buckets.length > 0 && { buckets }),
  reachable,
  ...(failure && { failure: plainFailure(failure) }),
});

const table = (destinations: readonly ConfiguredDestination[]): string[] =>
  alignColumns([
    ["DESTINATION", "TYPE", "ADDRESS", "REACHABLE"],
    ...destinations.map(({ name, type, address, reachable, failure }) => [
      ...[name, type, address],
      reachable ? "yes" : `no: ${failure?.reason}`,
    ]),
  ]);

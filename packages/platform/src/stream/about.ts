import type { NatsConnection } from "@nats-io/transport-node";
import { VERSION } from "../version.js";
import { serviceOf } from "./own-identity.js";

/** What `nats stream info` and `nats consumer info` show of a stream or a consumer. */
export interface About {
  readonly description: string;
  readonly metadata?: Record<string, string>;
}

/** The first release of nats-server whose streams and consumers have metadata: a client refuses to send it to others. */
const WITH_METADATA = [2, 10] as const;

/**
 * Describes a stream or a consumer to operators: for what it is, which service of which release declared it, and `details`
 * (stage, batch), without empty ones.
 */
export function about(
  connection: NatsConnection,
  description: string,
  details: Readonly<Record<string, string>> = {},
): About {
  if (!hasMetadata(connection.info?.version ?? "")) return { description };
  const fields = { service: serviceOf(connection), version: VERSION, ...details };
  const metadata = Object.entries(fields).filter(([, value]) => value !== "");
  return {
    description,
    metadata: Object.fromEntries(metadata.map(([name, value]) => [`polyreel.${name}`, value])),
  };
}

function hasMetadata(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > WITH_METADATA[0] || (major === WITH_METADATA[0] && minor >= WITH_METADATA[1]);
}

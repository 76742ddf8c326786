import type { NatsConnection } from "@nats-io/transport-node";

/**
 * The server that a connection uses, as attributes of spans: `server.address` and `server.port`. Taken from what the
 * client is connected to, not from NATS_URL, which may contain a password. Empty while there is no connection.
 */
export function serverOf(connection: Pick<NatsConnection, "getServer">): Readonly<Record<string, string | number>> {
  const [, address = "", port = ""] = /^\[?([^@/]*?)\]?:(\d+)$/.exec(connection.getServer() ?? "") ?? [];
  return address ? { "server.address": address, "server.port": Number(port) } : {};
}

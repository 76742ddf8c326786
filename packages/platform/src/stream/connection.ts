import { connect, type NatsConnection, TimeoutError } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import { retry } from "../flow/retry.js";
import type { Log } from "../runtime/log.js";
import { type NatsAccess, openAccess } from "./access.js";
import { identify } from "./own-identity.js";
import { refusedConnection } from "./refused-connection.js";
import { logRefusedRights } from "./rights.js";
import { natsServers } from "./servers.js";
import { tlsAlertOf } from "./tls-alert.js";

export type { NatsConnection };

const PING_MS = 10_000;
const RETRY_MS = 500;
/** Interval of looks at the reason while the connection is lost. */
const EXPLAIN_MS = 10_000;

/** Prefix of the subjects where answers arrive, of a service's own connection, so that no other may subscribe to them. */
export const inboxPrefixOf = (service: string): string => `_INBOX_${service}`;

/**
 * Connects to the event stream's servers. Once connected it reconnects forever: services wait and resume. The first
 * connection is retried for `patienceSeconds`, then PolyreelError `unavailable` is thrown; `precondition` at once if the
 * server refuses us, or is none that we trust. `url`: as in NATS_URL (see `natsServers`); a malformed one throws `invalid`.
 */
export async function connectNats(options: {
  url: string;
  name: string;
  log: Log;
  access?: NatsAccess;
  /** `_INBOX` by default. */
  inboxPrefix?: string;
  patienceSeconds?: number;
}): Promise<NatsConnection> {
  const { url, name, log, access = {}, inboxPrefix, patienceSeconds = 30 } = options;
  const servers = natsServers(url);
  const opened = openAccess(access, servers.user !== undefined || servers.token !== undefined);
  const user = () => servers.user ?? opened.user();
  const until = Date.now() + patienceSeconds * 1000;
  const tryOnce = async () => {
    const connection = await connect({
      ...servers,
      ...opened.options,
      name,
      ...(inboxPrefix && { inboxPrefix }),
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY_MS,
      timeout: 5000,
      // A server that does not answer is abandoned within three intervals, also if only our own reading has stalled:
      // reconnecting restarts it.
      pingInterval: PING_MS,
      // Otherwise each request takes two stack traces in advance, in case it fails: with long async stacks these cost
      // more than everything else.
      noAsyncTraces: true,
    });
    identify(connection, { user, inboxPrefix: inboxPrefix ?? "_INBOX", name });
    void logStatus(connection, log, async () => {
      const alert = await firstAlert(servers.servers, access);
      return alert && refusedConnection(alert, user());
    });
    logRefusedRights(connection, log);
    return connection;
  };
  /** A refused client certificate looks like a timeout. */
  const tryAndExplain = () =>
    tryOnce().catch(async (error: unknown) => {
      throw (error instanceof TimeoutError && (await firstAlert(servers.servers, access))) || error;
    });
  return retry(tryAndExplain, (error) => {
    const refused = refusedConnection(error, user());
    if (refused) throw refused;
    if (Date.now() >= until) {
      throw new PolyreelError(
        "unavailable",
        { reason: "The event stream (NATS) can't be reached.", remedy: "Start nats-server -js, or set NATS_URL." },
        { cause: error },
      );
    }
    log.warn({ err: error }, "waiting for NATS");
    return RETRY_MS;
  });
}

async function firstAlert(servers: readonly string[], access: NatsAccess): Promise<Error | undefined> {
  for (const server of servers) {
    const alert = await tlsAlertOf(server, access);
    if (alert) return alert;
  }
  return undefined;
}

/** Flushes pending messages if the server is connected, without waiting for one that is not. */
export async function closeConnection(connection: NatsConnection): Promise<void> {
  if (connection.isClosed()) return;
  await connection.drain().catch(() => connection.close());
}

/** `explain`: why connections are refused, if they are. The client tries again without a word. */
async function logStatus(
  connection: NatsConnection,
  log: Log,
  explain: () => Promise<PolyreelError | undefined>,
): Promise<void> {
  let explaining: NodeJS.Timeout | undefined;
  const logReason = async () => {
    const refused = await explain();
    if (refused && !connection.isClosed()) log.error({ remedy: refused.failure.remedy }, refused.failure.reason);
  };
  for await (const status of connection.status()) {
    if (status.type === "disconnect") log.warn("lost the connection to NATS");
    if (status.type === "disconnect") explaining ??= setInterval(() => void logReason(), EXPLAIN_MS).unref();
    if (status.type !== "reconnect") continue;
    clearInterval(explaining);
    explaining = undefined;
    log.info("reconnected to NATS");
  }
  clearInterval(explaining);
}

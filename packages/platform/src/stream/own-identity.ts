import { createInbox, type NatsConnection, nuid } from "@nats-io/transport-node";

interface Identity {
  readonly user: () => string;
  readonly inboxPrefix: string;
  /** Of the service. */
  readonly name: string;
}

const identities = new WeakMap<NatsConnection, Identity>();

/** Remembers what the client does not tell about a connection. */
export const identify = (connection: NatsConnection, identity: Identity): void =>
  void identities.set(connection, identity);

/** The user of a connection, for operators: `nkey U…`, or a name; empty if unknown. */
export const userOf = (connection: NatsConnection): string => identities.get(connection)?.user() ?? "";

/** A new subject for answers, below the connection's prefix. */
export const inboxOf = (connection: NatsConnection): string => createInbox(identities.get(connection)?.inboxPrefix);

/** A new name for a consumer that only reads, which tells operators whose it is. */
export const readerName = (connection: NatsConnection): string => `reader-${serviceOf(connection)}-${nuid.next()}`;

/** The service of a connection. */
export const serviceOf = (connection: NatsConnection): string => identities.get(connection)?.name ?? "unknown";

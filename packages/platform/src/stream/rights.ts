import { type NatsConnection, PermissionViolationError } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import type { Log } from "../runtime/log.js";
import { userOf } from "./own-identity.js";

/** A permission that the NATS server denies to this connection's user. */
export type RefusedRight = Pick<PermissionViolationError, "operation" | "subject">;

/** The denied permission in an error; the client wraps it if it fails a request. */
export function refusedRightIn(error: unknown): RefusedRight | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof PermissionViolationError) return cause;
  }
  return undefined;
}

/** An error for the operator of the NATS server. Permissions can be granted without a restart, so a retry may help. */
export function rightRefused(
  { operation, subject }: RefusedRight,
  connection: NatsConnection,
  cause?: unknown,
): PolyreelError {
  const user = userOf(connection);
  const what = operation === "publish" ? `publish to "${subject}"` : `subscribe to "${subject}"`;
  return new PolyreelError(
    "unavailable",
    {
      reason: `The NATS server does not let this service's user${user && ` (${user})`} ${what}.`,
      remedy: `Allow it in the server's configuration: permissions, ${operation === "publish" ? "publish" : "subscribe"}. \`polyreel nats-config\` makes one that fits this release.`,
    },
    { cause },
  );
}

/** Converts the error of a denied permission; undefined for others. */
export function rightRefusedIn(error: unknown, connection: NatsConnection): PolyreelError | undefined {
  const right = refusedRightIn(error);
  return right && rightRefused(right, connection, error);
}

/** Calls `refused` with each permission that is denied from now on, until the connection closes. */
export async function watchRights(connection: NatsConnection, refused: (right: RefusedRight) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== "error") continue;
    const right = refusedRightIn(status.error);
    if (right) refused(right);
  }
}

/**
 * Logs each kind of denied permission once: the server reports it nowhere else, and a refused subscription looks like a
 * silent one. Permissions of one kind differ only in their last token, which is a batch's or a call's.
 */
export function logRefusedRights(connection: NatsConnection, log: Log): void {
  const logged = new Set<string>();
  void watchRights(connection, (right) => {
    const kind = `${right.operation} ${right.subject.replace(/[^.]*$/, "")}`;
    if (logged.has(kind)) return;
    logged.add(kind);
    const { reason, remedy } = rightRefused(right, connection).failure;
    log.error({ subject: right.subject, remedy }, reason);
  });
}

import type { NatsConnection } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";
import { isNotYet } from "../flow/retry-until-leader.js";
import { rightRefusedIn } from "./rights.js";

/**
 * A single request to JetStream. Throws PolyreelError `unavailable` if the answer is "not yet", or missing, or if the
 * server denies the permission, with its subject.
 */
export async function requestOnce<T>(connection: NatsConnection, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const refused = rightRefusedIn(error, connection);
    if (refused) throw refused;
    if (!isNotYet(error)) throw error;
    throw new PolyreelError(
      "unavailable",
      { reason: "The event stream did not answer.", remedy: "Try again when NATS is back." },
      { cause: error },
    );
  }
}

import { ClosedConnectionError, DrainingConnectionError } from "@nats-io/transport-node";

/**
 * Sends a message that may be lost: dropped if the connection is closed or closing. The client would throw then, and an
 * error thrown in a timer or an abort listener would end the process.
 */
export function sendIfOpen(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof ClosedConnectionError || error instanceof DrainingConnectionError)) throw error;
  }
}

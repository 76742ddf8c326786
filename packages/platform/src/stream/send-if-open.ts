import { ClosedConnectionError, DrainingConnectionError } from "@nats-io/transport-node";

/**
 * Sends what may be lost: over a connection that is closed or closing, nothing. The client throws then, and an error thrown
 * in a timer or an abort listener would end the process.
 */
export function sendIfOpen(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof ClosedConnectionError || error instanceof DrainingConnectionError)) throw error;
  }
}

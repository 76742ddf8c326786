import type { Consumer } from "@nats-io/jetstream";

const LOOK_MS = 5_000;

/**
 * Looks after a reader that waits for messages: calls `lost` when none came for a while and its consumer is gone from the
 * server, or has messages that don't come. The client notices such things by itself as a rule; after a change of the leader
 * of a cluster it was seen to wait for ever. Gives what ends the looking. `waitingSince` is in milliseconds, infinite while
 * nothing is waited for.
 */
export function lookAfterReader(consumer: Consumer, reader: { readonly waitingSince: number }, lost: () => void) {
  const look = async () => {
    const { waitingSince } = reader;
    if (Date.now() - waitingSince < LOOK_MS) return;
    const pending = await consumer.info().then(
      ({ num_pending }) => num_pending,
      () => undefined,
    );
    // What came meanwhile shows that it is alive.
    if (pending !== 0 && reader.waitingSince === waitingSince) lost();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

import { setTimeout as sleep } from "node:timers/promises";
import type { JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import { ATTEMPTS_BUCKET, bucketStream, LEASES_BUCKET, STREAM, STREAM_SUBJECTS } from "@polyreel/contract";
import { delayAfter } from "../flow/retry.js";
import { codeOf, retryUntilLeader } from "../flow/retry-until-leader.js";
import type { Log } from "../runtime/log.js";
import { assertFormat, STREAM_NOT_FOUND } from "./declare-stream.js";

const BACK_OFF = { firstMs: 10, longestMs: 1_000 };
/** Services start together: the stream is usually declared before. */
const SILENT_MS = 2_000;
const REMIND_MS = 60_000;

const STREAMS = [STREAM, bucketStream(LEASES_BUCKET), bucketStream(ATTEMPTS_BUCKET)];

/**
 * Waits until a gateway has declared the stream of facts and the buckets; returns the stream's configuration. Throws
 * PolyreelError `precondition` if a later release wrote it, and what requests throw.
 */
export async function awaitStream(manager: JetStreamManager, log: Log): Promise<StreamConfig> {
  const began = Date.now();
  let remindAt = began + SILENT_MS;
  for (let looked = 1; ; looked++) {
    const found = await Promise.all(STREAMS.map((name) => configOf(manager, name)));
    const [facts] = found;
    if (facts) assertFormat(facts.description);
    const missing = STREAMS.filter((_, i) => found[i] === undefined);
    if (facts && missing.length === 0 && facts.subjects.includes(STREAM_SUBJECTS)) return facts;
    if (Date.now() >= remindAt) {
      remindAt = Date.now() + REMIND_MS;
      const waitedSeconds = Math.round((Date.now() - began) / 1000);
      log.warn({ missing, waitedSeconds }, "waiting for a gateway: it declares the event stream");
    }
    await sleep(delayAfter(looked, BACK_OFF));
  }
}

const configOf = (manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> =>
  retryUntilLeader(() =>
    manager.streams.info(name).then(
      ({ config }) => config,
      (error: unknown) => {
        if (codeOf(error) === STREAM_NOT_FOUND) return undefined;
        throw error;
      },
    ),
  );

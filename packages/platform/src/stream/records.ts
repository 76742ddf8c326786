import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError } from "../errors.js";
import { codeOf } from "../flow/retry-until-leader.js";
import { declareBucket } from "./declare-bucket.js";
import { requestOnce } from "./request-once.js";
import type { EventStream } from "./stream.js";

/** Somebody else has changed it, or made it. */
const WRONG_LAST_SEQUENCE = 10071;
/** Replicas may answer with a value that was replaced just now. */
const READ_AGAIN_MS = 5;
/** More than hundreds of gateways at once would need. */
const MAX_ATTEMPTS = 1000;

/** Small texts by name that all processes share. */
export interface Records {
  read(name: string): Promise<string | undefined>;
  /**
   * Replaces a text by what `change` makes of it, if nobody else replaced it meanwhile; otherwise `change` is called again
   * with the new one. Throws what it throws, and PolyreelError `unavailable`.
   */
  change(name: string, change: (present: string | undefined) => Promise<string> | string): Promise<void>;
}

/** Opens records in a bucket of NATS's key-value store, which is made if there is none. Names are letters, digits, `-` and `.`. */
export async function openRecords(stream: EventStream, name: string, description: string): Promise<Records> {
  const { connection } = stream;
  const bucket = await declareBucket(stream, { name, description });
  return {
    read: async (key) => (await requestOnce(connection, () => bucket.get(key)))?.string(),
    async change(key, change) {
      for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
        const present = await requestOnce(connection, () => bucket.get(key));
        const text = await change(present?.string());
        const isReplaced = await requestOnce(connection, () =>
          bucket.put(key, text, { previousSeq: present?.revision ?? 0 }),
        ).then(
          () => true,
          (error: unknown) => {
            if (codeOf(error) === WRONG_LAST_SEQUENCE) return false;
            throw error;
          },
        );
        if (isReplaced) return;
        await sleep(READ_AGAIN_MS * Math.random());
      }
      throw new PolyreelError("unavailable", {
        reason: "Too many requests change the same record at the same time.",
        remedy: "Try again in a moment.",
      });
    },
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { quote } from "@polyreel/spec";
import type { Configured } from "./configured/configured-destinations.js";
import { addressOf } from "./open-destination.js";

/** Less than requesters wait for a reply. */
const TIMEOUT_MS = 4_000;

/** Why a configured destination cannot be reached now; undefined if it can. `bucket`: as for `Configured.in`. */
export async function reachDestination(configured: Configured, bucket: string): Promise<PolyreelError | undefined> {
  const { settings } = configured;
  const timeout = new AbortController();
  const unreachable = (why: string) =>
    new PolyreelError("unavailable", {
      reason: `The destination ${quote(settings.name)} ${why}: ${addressOf(settings)}.`,
      remedy: settings.type === "folder" ? "Mount its disk, or create the folder." : "See that it exists and answers.",
    });
  const late = sleep(TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() =>
    unreachable(`did not answer within ${TIMEOUT_MS / 1000} s`),
  );
  late.catch(() => {}); // Not needed any more.
  try {
    const reached = async () => ((await configured.in(bucket).exists()) ? undefined : unreachable("cannot be reached"));
    return await Promise.race([reached(), late]);
  } catch (error) {
    return toPolyreelError(error);
  } finally {
    timeout.abort();
  }
}

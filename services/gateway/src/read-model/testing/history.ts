import type { FactMessage } from "@polyreel/platform/stream";
import { combination, ended, factMessage, submitted } from "./fact-messages.js";

/**
 * Two batches, as facts of a stream: of four combinations one is delivered at its second attempt, one fails, one is
 * virtual; the other batch is still in progress.
 */
export function history(): FactMessage[] {
  const all: FactMessage[] = [];
  const add = (...[name, init, batchId]: [Parameters<typeof factMessage>[0], object, string?]) =>
    all.push(factMessage(name, init as never, all.length + 1, batchId));
  add(...submitted("b1", "acme", 10));
  add("voice.requested", { hash: "v1" });
  add("clip.requested", { hash: "k0" });
  add("clip.requested", { hash: "k1" });
  for (const ordinal of [0, 1, 2, 3]) add("combination.planned", combination(ordinal));
  add("batch.planned", { combinations: 4n, clips: 2n, voices: 1n });
  add(...submitted("b2", "other", 20), "b2");
  add("voice.ready", { hash: "v1", reused: true });
  add("clip.failed", { hash: "k0", attempt: 1, failure: { reason: "away" } });
  add("clip.ready", { hash: "k0", attempt: 2 });
  add("clip.ready", { hash: "k1" });
  add("combination.rendered", {
    ...combination(0),
    certificate: { sizeBytes: 7n, loudnessLufs: Number.NEGATIVE_INFINITY },
  });
  add("combination.delivered", { ...ended(0), path: "a.mp4", picturePaths: ["a.jpg"], certificate: { sizeBytes: 7n } });
  add("combination.rendered", combination(1));
  add("combination.delivered", { ...ended(1), urlPath: "/outputs/b1/c1/b.mp4" });
  add("combination.planned", combination(0), "b2");
  add("combination.failed", { ...ended(2), failure: { reason: "away", block: "hook" } });
  add("combination.rendered", combination(2, 2));
  add("combination.delivered", { ...ended(2, 2), path: "c.mp4", location: "s3://ads/c.mp4" });
  add("combination.failed", { ...ended(3), failure: { reason: "broken" } });
  return all;
}

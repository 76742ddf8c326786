import type { FactMessage } from "@polyreel/platform/stream";
import { combination, ended, submitted, told } from "./told.js";

/**
 * Two batches, as facts of a stream: of four combinations one is delivered at its second attempt, one fails, one is
 * virtual; the other batch is still in progress.
 */
export function history(): FactMessage[] {
  const all: FactMessage[] = [];
  const say = (...[name, init, batchId]: [Parameters<typeof told>[0], object, string?]) =>
    all.push(told(name, init as never, all.length + 1, batchId));
  say(...submitted("b1", "acme", 10));
  say("voice.requested", { hash: "v1" });
  say("clip.requested", { hash: "k0" });
  say("clip.requested", { hash: "k1" });
  for (const ordinal of [0, 1, 2, 3]) say("combination.planned", combination(ordinal));
  say("batch.planned", { combinations: 4n, clips: 2n, voices: 1n });
  say(...submitted("b2", "other", 20), "b2");
  say("voice.ready", { hash: "v1", reused: true });
  say("clip.failed", { hash: "k0", attempt: 1, failure: { reason: "away" } });
  say("clip.ready", { hash: "k0", attempt: 2 });
  say("clip.ready", { hash: "k1" });
  say("combination.rendered", {
    ...combination(0),
    certificate: { sizeBytes: 7n, loudnessLufs: Number.NEGATIVE_INFINITY },
  });
  say("combination.delivered", { ...ended(0), path: "a.mp4", picturePaths: ["a.jpg"], certificate: { sizeBytes: 7n } });
  say("combination.rendered", combination(1));
  say("combination.delivered", { ...ended(1), urlPath: "/outputs/b1/c1/b.mp4" });
  say("combination.planned", combination(0), "b2");
  say("combination.failed", { ...ended(2), failure: { reason: "away", block: "hook" } });
  say("combination.rendered", combination(2, 2));
  say("combination.delivered", { ...ended(2, 2), path: "c.mp4" });
  say("combination.failed", { ...ended(3), failure: { reason: "broken" } });
  return all;
}

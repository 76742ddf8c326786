import { probe } from "@polyreel/media/probe/probe.js";
import { PolyreelError, toPolyreelError } from "@polyreel/platform/errors.js";
import { followFacts } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { type Store, sourceKey } from "@polyreel/platform/store/store.js";
import pLimit from "p-limit";
import type { GrowingKnowledge, KnownSource } from "./plan/knowledge.js";
import type { SourceNeed, VoiceNeed } from "./plan/needs.js";

/**
 * Probes each source once, in parallel, in the order given. What is wrong with a source is knowledge too; what may pass
 * (the store is away) is thrown.
 */
export async function probeSources(
  needs: readonly SourceNeed[],
  knowledge: GrowingKnowledge,
  { store, atOnce, signal }: { store: Store; atOnce: number; signal: AbortSignal },
): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(
    needs.map((need) =>
      limit(async () => {
        signal.throwIfAborted();
        knowledge.learn(need, await probeSource(need, store, signal));
      }),
    ),
  );
}

async function probeSource(need: SourceNeed, store: Store, signal: AbortSignal): Promise<KnownSource | PolyreelError> {
  try {
    if (need.kind === "url") throw new PolyreelError("invalid", "Sources are not fetched by URL yet.");
    const { sha256 } = need;
    const path = await store.localPath(sourceKey(sha256));
    return { sha256, ...(need.use === "media" && { probe: await probe(path, { signal }) }) };
  } catch (thrown) {
    const error = toPolyreelError(thrown);
    if (error.code === "not_found") {
      return new PolyreelError("invalid", {
        reason: "The source is not in the store.",
        remedy: "Put it there with SourceService.PutSource, then submit again.",
      });
    }
    if (error.code !== "invalid") throw error;
    return error;
  }
}

/** Learns what becomes of the voice lines, as the speech services tell it, until all are known. */
export async function learnVoices(
  needs: readonly VoiceNeed[],
  knowledge: GrowingKnowledge,
  { stream, batchId, signal }: { stream: EventStream; batchId: string; signal: AbortSignal },
): Promise<void> {
  const open = new Map(needs.map((need) => [need.hash, need]));
  if (open.size === 0) return;
  for await (const told of followFacts(stream, { subject: `polyreel.voice.*.${batchId}`, signal })) {
    if (told.name !== "voice.ready" && told.name !== "voice.failed") continue;
    const need = open.get(told.fact.hash);
    if (!need) continue;
    if (told.name === "voice.ready") {
      knowledge.learn(need, { samples: Number(told.fact.speechSamples), words: told.fact.words });
    } else {
      const { reason = "The voice line could not be spoken.", remedy = "" } = told.fact.failure ?? {};
      knowledge.learn(need, new PolyreelError("invalid", { reason, remedy }));
    }
    open.delete(told.fact.hash);
    if (open.size === 0) break;
  }
  signal.throwIfAborted();
}

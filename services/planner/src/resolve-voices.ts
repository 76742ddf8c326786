import { latestTake, newTake, PartStore } from "@polyreel/parts";
import type { Platform } from "@polyreel/pipeline";
import { type ResolvedInputs, type VoiceNeed, voicePartInTake } from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { Pipeline } from "@polyreel/platform/flow";
import { followFacts, workedGeneration } from "@polyreel/platform/stream";
import pLimit from "p-limit";
import { affordable, type PlannedLine } from "./affordable-lines.js";
import { awaitVoices } from "./list-voices.js";
import { requestedVoices } from "./requested-voices.js";

/** Takes looked up concurrently. */
const TAKES_AT_ONCE = 32;

export interface VoiceResolving {
  readonly batchId: string;
  readonly tenant: string;
  readonly attempt: number;
  /** Facts about voice lines before this position in the stream are ignored. */
  readonly afterSequence: number;
  /** Lines are spoken anew whose voices speak a text differently each time. */
  readonly respeak: boolean;
  /** Called with the hash of each part that is requested. */
  readonly onRequest: (hash: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Requests the voice lines, and follows their facts in the stream until all are known. Lines that the batch requested
 * before keep their recipe; others are planned for the builds that a speech service lists, as soon as one runs.
 */
export async function resolveVoices(
  needs: readonly VoiceNeed[],
  knowledge: ResolvedInputs,
  resolving: VoiceResolving,
  platform: Platform,
): Promise<void> {
  if (needs.length === 0) return;
  const { batchId, tenant, attempt, respeak, signal } = resolving;
  const requested = await requestedVoices(resolving, platform.stream);
  const lines = needs.map((need) => ({ need, part: requested.get(need.line) }));
  const kept = lines.flatMap(({ need, part }) => (part ? [{ need, part }] : []));
  const open = lines.flatMap(({ need, part }) => (part ? [] : [need]));
  const planned = async () => {
    if (open.length === 0) return [];
    const listed = await awaitVoices(resolving, platform, signal);
    const store = scopedStore(platform.store, tenant);
    const takeOf = (hash: string) =>
      respeak ? newTake(store, hash, `${batchId}.${attempt}`, signal) : latestTake(store, hash, signal);
    const atOnce = pLimit(TAKES_AT_ONCE);
    const partOf = async (need: VoiceNeed) => ({ need, part: await voicePartInTake(need, listed, takeOf) });
    const lines = await Promise.all(open.map((need) => atOnce(() => partOf(need))));
    return affordable(lines, listed, knowledge, { parts: new PartStore(store), store, signal });
  };
  await Promise.all([
    requestSpeech(kept, knowledge, resolving, platform),
    planned().then((now) => requestSpeech(now, knowledge, resolving, platform)),
  ]);
}

/** Requests lines, and waits for their outcomes. */
async function requestSpeech(
  lines: readonly PlannedLine[],
  knowledge: ResolvedInputs,
  resolving: VoiceResolving,
  platform: Platform,
): Promise<void> {
  if (lines.length === 0) return;
  // A line with the default voice and one with that voice's name have the same part.
  const byPart = new Map<string, PlannedLine[]>();
  for (const line of lines) byPart.set(line.part.hash, [...(byPart.get(line.part.hash) ?? []), line]);
  const requests = new Pipeline();
  for (const its of byPart.values()) await requests.add(request(its, resolving, platform));
  await requests.end();
  await followSpeech(byPart, knowledge, resolving, platform);
}

async function request(
  lines: readonly PlannedLine[],
  { batchId, tenant, attempt, onRequest, signal }: VoiceResolving,
  { publisher }: Platform,
): Promise<void> {
  const [first] = lines;
  if (!first) return;
  signal.throwIfAborted();
  const { hash, recipe, language } = first.part;
  onRequest(hash);
  await publisher.publish(
    "voice.requested",
    {
      ...{ batchId, tenant, attempt, hash },
      recipe: { case: "voice", value: recipe },
      origins: [first.need.origin],
      lines: lines.map(({ need }) => need.line),
      language,
    },
    { id: hash, attempt },
  );
}

/** Follows the speech services' facts until every part is spoken or has failed. */
async function followSpeech(
  byPart: ReadonlyMap<string, readonly PlannedLine[]>,
  knowledge: ResolvedInputs,
  { batchId, afterSequence, signal }: VoiceResolving,
  { stream }: Platform,
): Promise<void> {
  const open = new Map(byPart);
  for await (const message of followFacts(stream, { subject: `polyreel.voice.*.${batchId}`, afterSequence, signal })) {
    if (message.name !== "voice.ready" && message.name !== "voice.failed") continue;
    if (message.generation > 0 && message.generation < workedGeneration(batchId)) continue; // Of an earlier batch with this id.
    const { hash } = message.fact;
    for (const { need, part } of open.get(hash) ?? []) {
      if (message.name === "voice.ready") {
        const { speechSamples, words } = message.fact;
        knowledge.learn(need, { hash, samples: Number(speechSamples), words, language: part.language });
      } else {
        const { reason = "The voice line could not be spoken.", remedy = "", code } = message.fact.failure ?? {};
        knowledge.learn(need, new PolyreelError("invalid", { reason, remedy, ...(code !== undefined && { code }) }));
      }
    }
    open.delete(hash);
    if (open.size === 0) break;
  }
  signal.throwIfAborted();
}

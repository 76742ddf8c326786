import type { VoicePart } from "@polyreel/planning/plan";
import { type EventStream, factsSoFar } from "@polyreel/platform/stream";

interface Requesting {
  readonly batchId: string;
  readonly attempt: number;
  /** Excludes all of earlier attempts, whose lines are spoken anew. */
  readonly respeak: boolean;
  readonly signal: AbortSignal;
}

/**
 * The voice parts that a batch requested before, by line: after a crash or in a later run a batch keeps its speech,
 * even if other engines are installed by then. Excludes parts that failed in an earlier attempt: their engine may be
 * gone.
 */
export async function requestedVoices(
  { batchId, attempt, respeak, signal }: Requesting,
  stream: EventStream,
): Promise<Map<string, VoicePart>> {
  const failed = new Map<string, number>();
  for await (const { fact } of factsSoFar(stream, "voice.failed", batchId, { signal })) {
    failed.set(fact.hash, Math.max(fact.attempt, failed.get(fact.hash) ?? 0));
  }
  const requested = new Map<string, VoicePart>();
  for await (const { fact } of factsSoFar(stream, "voice.requested", batchId, { signal })) {
    const { hash, recipe, lines, language } = fact;
    if (recipe.case !== "voice") continue;
    const isVoid = fact.attempt < attempt && (respeak || (failed.get(hash) ?? 0) >= fact.attempt);
    for (const line of lines.length > 0 ? lines : [hash]) {
      if (isVoid) requested.delete(line);
      else requested.set(line, { hash, recipe: recipe.value, language });
    }
  }
  return requested;
}

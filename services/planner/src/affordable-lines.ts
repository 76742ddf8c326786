import { voiceOf } from "@polyreel/media/speech";
import type { PartStore } from "@polyreel/parts";
import {
  BilledCharacters,
  isSpoken,
  type ListedVoices,
  overCharacterLimit,
  type ResolvedInputs,
  type VoiceNeed,
  type VoicePart,
} from "@polyreel/planning/plan";
import type { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import pLimit from "p-limit";

export interface PlannedLine {
  readonly need: VoiceNeed;
  readonly part: VoicePart;
}

/** Lines looked up concurrently. */
const AT_ONCE = 32;

interface Lookup {
  readonly parts: PartStore;
  readonly store: Store;
  readonly signal: AbortSignal;
}

/**
 * The lines that the batch may have spoken. If those of an engine have more characters than its provider may charge one
 * batch for, none of them is spoken that is not spoken yet, rather than half of the batch.
 */
export async function affordable(
  lines: readonly PlannedLine[],
  listed: ListedVoices,
  knowledge: Pick<ResolvedInputs, "learn">,
  lookup: Lookup,
): Promise<PlannedLine[]> {
  const billed = new BilledCharacters();
  const engines = new Map<PlannedLine, string>();
  const atOnce = pLimit(AT_ONCE);
  const look = async (line: PlannedLine) => {
    const voice = voiceOf(line.need.recipe, listed);
    if (!voice || voice.charactersPerBatch === 0n) return;
    lookup.signal.throwIfAborted();
    const spoken = await isSpoken(line.part, lookup);
    billed.add(voice, line.part.hash, line.part.recipe.text, spoken);
    if (!spoken) engines.set(line, voice.engine);
  };
  await Promise.all(lines.map((line) => atOnce(() => look(line))));
  const refused = new Map<string, PolyreelError>();
  for (const one of billed.list) {
    const error = overCharacterLimit(one);
    if (error) refused.set(one.engine, error);
  }
  return lines.filter((line) => {
    const error = refused.get(engines.get(line) ?? "");
    if (error) knowledge.learn(line.need, error);
    return !error;
  });
}

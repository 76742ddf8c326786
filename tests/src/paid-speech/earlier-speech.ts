import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema, VoiceRecipeSchema } from "@polyreel/contract";
import { inFirstReading } from "@polyreel/media/speech";
import { keepSpeech, readKeptSpeech, recipeHash } from "@polyreel/parts";
import { blueprintOf, needsInOrder, voicePart } from "@polyreel/planning/plan";
import { keptSpeechKey, scopedStore } from "@polyreel/platform/blobs";
import { normalizeBatch } from "@polyreel/spec";
import type { Pipeline } from "../testing/pipeline.js";

/** Makes the kept speech of a batch that of a release with an earlier reading of texts. Returns the number of lines. */
export async function makeSpeechEarlier(
  { openStore, voices }: Pick<Pipeline, "openStore" | "voices">,
  init: MessageInitShape<typeof BatchSchema>,
): Promise<number> {
  const store = scopedStore(await openStore(), "default");
  const batch = normalizeBatch(create(BatchSchema, init));
  const listed = await voices.listVoices({});
  let lines = 0;
  for (const need of needsInOrder(blueprintOf(batch))) {
    if (need.kind !== "voice") continue;
    const { hash, recipe } = voicePart(need, listed);
    const kept = await readKeptSpeech(store, hash);
    if (!kept) throw new Error(`No speech is kept of ${JSON.stringify(recipe.text)}.`);
    await keepSpeech(store, recipeHash("voice", VoiceRecipeSchema, inFirstReading(recipe)), kept);
    await store.remove([keptSpeechKey(hash)]);
    lines++;
  }
  return lines;
}

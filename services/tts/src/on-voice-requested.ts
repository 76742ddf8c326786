import { type PartFactName, VoiceRecipeSchema } from "@polyreel/contract";
import { inFirstReading } from "@polyreel/media/speech";
import { keepSpeech, readKeptSpeech, recipeHash } from "@polyreel/parts";
import type { Work } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import type { LineRequest } from "./engines/engines.js";
import type { Speaker } from "./service.js";
import { type Keeping, speakLine } from "./speak-line.js";

/** Speaks a line, once. */
export async function onVoiceRequested(
  message: FactMessage<PartFactName<"requested">>,
  work: Work,
  { engines, tenants, ledgers, maker }: Speaker,
): Promise<void> {
  const { fact } = message;
  if (fact.recipe.case !== "voice") throw new PolyreelError("internal", "A voice was requested without its recipe.");
  const line = fact.recipe.value;
  const { parts, store } = tenants.of(fact.tenant);
  const kept: Keeping = {
    read: async () => {
      const own = await readKeptSpeech(store, fact.hash, work.signal);
      if (own) return own;
      const first = recipeHash("voice", VoiceRecipeSchema, inFirstReading(line));
      const kept = await readKeptSpeech(store, first, work.signal);
      // Under each line that it is used for: the speech of the others may be removed.
      if (kept) await keepSpeech(store, fact.hash, kept);
      return kept;
    },
    keep: (speech) => keepSpeech(store, fact.hash, speech),
  };
  const [origin] = fact.origins;
  const spend: LineRequest["spend"] = async ({ engine: provider }, characters) => {
    const { batchId, hash } = fact;
    const limits = await engines.settingsOf(provider);
    return limits ? ledgers.of(fact.tenant).reserve({ provider, batchId, hash, characters }, limits) : async () => {};
  };
  await maker
    .answer(parts, message, "voice", work, async ({ signal, tempDir }) => {
      const { outsideSlot } = work;
      return speakLine(line, await engines.of(fact.tenant), { signal, tempDir, kept, outsideSlot, spend });
    })
    .catch((error: unknown) => {
      throw error instanceof PolyreelError
        ? error.at({ block: origin?.block ?? "", choice: origin?.choice ?? "" })
        : error;
    });
}

import { type PartFactName, VoiceRecipeSchema } from "@polyreel/contract";
import { inFirstReading } from "@polyreel/media/speech";
import { keepSpeech, readKeptSpeech, recipeHash } from "@polyreel/parts";
import type { Work } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { step } from "@polyreel/platform/telemetry";
import type { LineRequest } from "./engines/engines.js";
import { makeRecording } from "./recordings/make-recording.js";
import { transcript } from "./recordings/transcript.js";
import type { Speaker } from "./service.js";
import { type Keeping, speakLine } from "./speak-line.js";
import { PendingRequest } from "./spending/pending-request.js";

/** Speaks a line, or makes it of its recording, once. */
export async function onVoiceRequested(
  message: FactMessage<PartFactName<"requested">>,
  work: Work,
  { engines, tenants, ledgers, maker }: Speaker,
): Promise<void> {
  const { fact } = message;
  if (fact.recipe.case !== "voice") throw new PolyreelError("internal", "A voice was requested without its recipe.");
  const line = fact.recipe.value;
  const { parts, store, sources } = tenants.of(fact.tenant);
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
  const [origin, wordsOrigin] = fact.origins;
  const spend: LineRequest["spend"] = async ({ engine: provider }, characters) => {
    const { batchId, hash } = fact;
    const limits = await engines.settingsOf(provider);
    return limits ? ledgers.of(fact.tenant).reserve({ provider, batchId, hash, characters }, limits) : async () => {};
  };
  const unanswered: LineRequest["unanswered"] = {
    requests: new PendingRequest(store, fact.hash),
    onFailure: (err) => work.log.debug({ err, hash: fact.hash }, "the provider can't be asked for earlier speech"),
  };
  await maker
    .answer(parts, message, "voice", work, async ({ signal, tempDir }) => {
      const { outsideSlot } = work;
      const { recording, text } = line;
      if (recording) {
        const origins = { source: origin, words: wordsOrigin };
        const transcribe = async (pcmPath: string) => {
          const io = { signal, tempDir, outsideSlot };
          const transcriber = await engines.transcriberOf(fact.tenant);
          return step("transcribe", () => transcript(recording, pcmPath, { kept, transcriber, ...io }));
        };
        return makeRecording(recording, text, { sources, origins, transcribe, signal, tempDir });
      }
      const io = { signal, tempDir, outsideSlot };
      return speakLine(line, await engines.of(fact.tenant), { ...io, kept, spend, unanswered });
    })
    .catch((error: unknown) => {
      throw error instanceof PolyreelError
        ? error.at({ block: origin?.block ?? "", choice: origin?.choice ?? "" })
        : error;
    });
}

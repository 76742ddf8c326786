import { create } from "@bufbuild/protobuf";
import { type Failure, FailureCode, FailureSchema, type Origin, type VoiceRecipe } from "@polyreel/contract";
import { modelFault, unknownVoice, unspeakableText, voiceOf } from "@polyreel/media/speech";
import { latestTake, type PartStore } from "@polyreel/parts";
import type { OpenSource } from "@polyreel/parts/sources";
import { type FailureInit, PolyreelError, toPolyreelError } from "@polyreel/platform";
import { type Store, sourceKey } from "@polyreel/platform/blobs";
import pLimit from "p-limit";
import { BilledCharacters, type EngineCharacters, isSpoken } from "../plan/billed-characters.js";
import { type Blueprint, needsInOrder } from "../plan/blueprint.js";
import { needKey } from "../plan/needs.js";
import { isRecorded, type RecordedNeed, recordingPart } from "../plan/recording-part.js";
import type { Knowledge, KnownSource, KnownSpeech } from "../plan/resolved-inputs.js";
import type { SourceNeed } from "../plan/source-needs.js";
import { type ListedVoices, voicePartInTake } from "../plan/voice-part.js";
import type { PartialKnowledge } from "./certain-failures.js";
import { favourable } from "./favourable.js";
import type { Probes } from "./probes.js";

/** Assumed speed of speech that was not spoken yet: English read aloud at 170 words a minute. */
const CHARACTERS_A_SECOND = 15;
const SAMPLE_RATE = 48_000;
const AT_ONCE = 32;

/** What is known of a batch's needs without making or fetching anything. */
export interface KnownNow extends PartialKnowledge {
  /** What is unknown, or only guessed. */
  readonly unknown: readonly Failure[];
  /** What providers charge for. */
  readonly billed: readonly EngineCharacters[];
}

/** Opens a stored source. */
export type OpenStored = (store: Store, sha256: string, signal: AbortSignal) => Promise<OpenSource>;

interface Known {
  readonly store: Store;
  readonly parts: PartStore;
  /** Voices with the builds that lines would be planned for; undefined if no speech service lists them. */
  readonly voices: ListedVoices | undefined;
  readonly probesOf: Probes;
  /** By default without verifying its bytes: for files that were hashed just before. */
  readonly openSource?: OpenStored | undefined;
  readonly signal: AbortSignal;
}

const unchecked: OpenStored = async (store, sha256, signal) => ({
  ...(await store.files.open(sourceKey(sha256), { signal })),
  assertUnchanged: async () => {},
});

/** Probes the stored sources of a batch, and looks up existing voice lines. */
export async function knownNow(
  { batch, ...blueprint }: Blueprint,
  { store, parts, voices, probesOf, openSource = unchecked, signal }: Known,
): Promise<KnownNow> {
  const sources = new Map<string, KnownSource | PolyreelError>();
  const speeches = new Map<string, KnownSpeech | PolyreelError>();
  const unknown: Failure[] = [];
  const unspoken = new Set<string>();
  const billed = new BilledCharacters();
  const takeOf = (hash: string) => latestTake(store, hash, signal);
  const needs = needsInOrder({ batch, ...blueprint });
  const atOnce = pLimit(AT_ONCE);
  const knowledge: Knowledge = {
    source: (need) => sources.get(needKey(need)),
    speech: (need) => speeches.get(needKey(need)),
  };
  await Promise.all(
    needs.map((need) =>
      atOnce(async () => {
        signal.throwIfAborted();
        if (need.kind === "voice" && isRecorded(need)) return; // Its sources come first.
        if (need.kind === "voice") {
          const part = await voicePartInTake(need, voices ?? NO_VOICES, takeOf);
          const { hash, recipe, language } = part;
          const fault = voices && unspeakable(recipe, voices);
          const spoken = voices && !fault ? await parts.describe("voice", hash) : undefined;
          const speech = spoken ? { samples: Number(spoken.samples), words: spoken.words } : guess(recipe);
          speeches.set(needKey(need), fault ?? { hash, text: recipe.text, language, ...speech });
          const voice = voices && !fault && voiceOf(need.recipe, voices);
          if (voice && voice.charactersPerBatch > 0n) {
            const hasSpeech = spoken !== undefined || (await isSpoken(part, { parts, store, signal }));
            billed.add(voice, hash, recipe.text, hasSpeech);
          }
          if (fault || spoken) return;
          unspoken.add(needKey(need));
          unknown.push(voices ? notSpoken(need.origin) : buildUnknown(need.origin));
        } else {
          const source = await storedSource(need, { store, probesOf, openSource, signal });
          sources.set(needKey(need), source);
          if (source instanceof PolyreelError && unknownSources.has(source)) {
            unknown.push(at(need.origin, source.failure));
          }
        }
      }),
    ),
  );
  const recordings = needs.flatMap((need) => (need.kind === "voice" && isRecorded(need) ? [need] : []));
  const transcriber = voices?.transcriber ?? "";
  await Promise.all(
    recordings.map((need) =>
      atOnce(async () => {
        signal.throwIfAborted();
        speeches.set(needKey(need), await recordedSpeech(need, knowledge, transcriber, parts));
      }),
    ),
  );
  return {
    ...knowledge,
    unknown,
    billed: billed.list,
    isUnknown,
    ...(unspoken.size > 0 && { favourable: favourable(batch, knowledge, (need) => unspoken.has(needKey(need))) }),
  };
}

/** Errors of sources that are only unknown yet. Errors that name a place, too, have them as their cause. */
const unknownSources = new WeakSet<Error>();

function isUnknown(error: PolyreelError): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (unknownSources.has(cause)) return true;
  }
  return false;
}

function unknownSource(failure: FailureInit): PolyreelError {
  const error = new PolyreelError("invalid", failure);
  unknownSources.add(error);
  return error;
}

/** Why no speech service can speak a line, with the code that planning gives it; undefined if one may. */
function unspeakable(line: VoiceRecipe, listed: ListedVoices): PolyreelError | undefined {
  const voice = voiceOf(line, listed);
  const error =
    unspeakableText(line.text) ??
    (voice ? modelFault(line, voice, listed.models ?? []) : unknownVoice(line, { failures: [], ...listed }));
  return error && new PolyreelError("invalid", error.failure, { cause: error });
}

/** A recording's part if it exists; otherwise as long as its file states. */
async function recordedSpeech(
  need: RecordedNeed,
  knowledge: Knowledge,
  transcriber: string,
  parts: PartStore,
): Promise<KnownSpeech | PolyreelError> {
  try {
    const { hash, seconds } = recordingPart(need, knowledge, transcriber);
    const made = await parts.describe("voice", hash);
    if (made) return { hash, samples: Number(made.samples), words: made.words, wordsEstimated: made.wordsEstimated };
    return { hash, samples: Math.round(seconds * SAMPLE_RATE), words: [] };
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return error;
  }
}

async function storedSource(
  need: SourceNeed,
  { store, probesOf, openSource, signal }: Omit<Known, "parts" | "voices"> & { openSource: OpenStored },
): Promise<KnownSource | PolyreelError> {
  if (need.kind === "url") return notFetched();
  try {
    await using source = await openSource(store, need.sha256, signal);
    if (need.use !== "media") return { sha256: need.sha256 };
    return { sha256: need.sha256, probe: await probesOf(need.sha256, { store, source }, signal) };
  } catch (thrown) {
    const error = toPolyreelError(thrown);
    if (error.code === "not_found") return notStored();
    if (error.code !== "invalid") throw error;
    return error;
  }
}

const NO_VOICES: ListedVoices = { voices: [], defaultVoice: "" };

const guess = ({ text, rate }: VoiceRecipe): Omit<KnownSpeech, "hash" | "language"> => ({
  samples: Math.ceil(([...text].length / CHARACTERS_A_SECOND / (rate || 1)) * SAMPLE_RATE),
  words: [],
});

const notStored = (): PolyreelError =>
  unknownSource({
    code: FailureCode.NOT_FOUND,
    reason: "The source is not in the store yet: the estimate leaves out the parts that need it.",
    remedy: "Put it there with SourceService.PutSource, and estimate again.",
  });

const notFetched = (): PolyreelError =>
  unknownSource({
    code: FailureCode.FAILED_PRECONDITION,
    reason: "The source is fetched only when the batch is planned: the estimate leaves out the parts that need it.",
    remedy: "To have it counted, store it with SourceService.PutSource and give its sha256.",
  });

const notSpoken = ({ block, choice }: Origin): Failure =>
  create(FailureSchema, {
    block,
    choice,
    code: FailureCode.FAILED_PRECONDITION,
    reason: `The line is not spoken yet: its length is guessed, at ${CHARACTERS_A_SECOND} characters a second.`,
    remedy: "It is known once a batch with it was planned.",
  });

const buildUnknown = ({ block, choice }: Origin): Failure =>
  create(FailureSchema, {
    block,
    choice,
    code: FailureCode.FAILED_PRECONDITION,
    reason:
      "No speech service states the build of its voices: the line counts as not spoken yet, though it may be in the store.",
    remedy: "Start a speech service (tts), and estimate again.",
  });

const at = ({ block, choice }: Origin, failure: Failure): Failure =>
  create(FailureSchema, { ...failure, block, choice });

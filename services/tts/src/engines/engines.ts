import { create } from "@bufbuild/protobuf";
import {
  FailureCode,
  type Lexicon,
  type ListVoicesResponse,
  ListVoicesResponseSchema,
  type Voice,
} from "@polyreel/contract";
import {
  lineSettings,
  modelFault,
  UNLISTED,
  unknownVoice,
  unspeakableText,
  vanishedVoice,
  voiceOf,
} from "@polyreel/media/speech";
import { PolyreelError } from "@polyreel/platform";
import { count } from "@polyreel/platform/metrics";
import { speakOrRecover, type Unanswered } from "./earlier-speech.js";
import { EngineVoices, type ListingOptions, mayBeDefault } from "./engine-voices.js";
import { espeakNg } from "./espeak-ng.js";
import { flite } from "./flite.js";
import { requirePlannedBuild } from "./planned-build.js";
import { outOfReach } from "./reach.js";
import { cannotRead, readersOf } from "./readers.js";
import { unsupportedSetting } from "./settings.js";
import type { SpeakRequest, Speech, SpeechEngine } from "./speech-engine.js";

/** Engines that are programs of this machine, in order of preference. */
export const LOCAL: readonly SpeechEngine[] = [flite, espeakNg];

/** A request to speak with a voice of any engine; an empty name means the default voice. */
export interface LineRequest extends SpeakRequest {
  /** The build that the line was planned for; empty for any. */
  readonly build?: string;
  /** Called before each request that the voice's provider may charge for: see `SpeakRequest.charge`. */
  readonly spend?: (voice: Voice, characters: number) => Promise<() => Promise<void>>;
  /** Requests of the line that may have been charged for: engines that keep their speech are asked for it first. */
  readonly unanswered?: Unanswered | undefined;
}

interface EnginesOptions extends ListingOptions {
  /** Listed with the voices, for those who plan what is spoken: `speak` is given texts in which words are replaced already. */
  readonly lexicons?: readonly Lexicon[];
}

/** All speech engines combined. */
export class Engines {
  readonly #engines: readonly EngineVoices[];

  /** Engines that list their voices for others, too, are passed with them. */
  constructor(
    engines: readonly (SpeechEngine | EngineVoices)[] = LOCAL,
    private readonly options: EnginesOptions = {},
  ) {
    this.#engines = engines.map((engine) =>
      engine instanceof EngineVoices ? engine : new EngineVoices(engine, options),
    );
  }

  /** The installed voices, and the engines that failed to list theirs. Each installed engine lists its voices once. */
  async list(): Promise<ListVoicesResponse> {
    const listings = await Promise.all(this.#engines.map((engine) => engine.list()));
    // If engines share a name, it refers to the voice of the preferred engine.
    const byName = new Map<string, Voice>();
    for (const voice of listings.flatMap(({ voices }) => voices)) {
      if (!byName.has(voice.name)) byName.set(voice.name, voice);
    }
    // An engine may be installed by the next call.
    if (byName.size === 0) for (const engine of this.#engines) engine.forget();
    // If the preferred engine fails, a voice of another engine must not silently become the default.
    const candidates = listings.map(({ engine, voices, isUndecided }) => {
      return { isUndecided, voice: voices.find(({ language }) => mayBeDefault(engine, language)) };
    });
    const decisive = candidates.find(({ isUndecided, voice }) => isUndecided || voice);
    return create(ListVoicesResponseSchema, {
      voices: [...byName.values()],
      failures: listings.flatMap(({ failures }) => failures),
      defaultVoice: decisive?.voice?.name ?? "",
      lexicons: [...(this.options.lexicons ?? [])],
      models: listings.flatMap(({ engine }) => engine.models ?? []),
    });
  }

  /** The installed voices. Throws PolyreelError `unavailable` if there are none. */
  async voices(): Promise<Voice[]> {
    const listing = await this.list();
    if (listing.voices.length === 0) throw unknownVoice({}, listing);
    return listing.voices;
  }

  /**
   * Speaks a text with a voice. Throws PolyreelError `invalid` if the voice is not installed, or cannot read the text
   * or speak at this rate or pitch; `unavailable` if there are no voices, or the voice's engine failed or has another
   * build.
   */
  async speak({ build = "", spend, unanswered, ...stated }: LineRequest): Promise<Speech> {
    const unspeakable = unspeakableText(stated.text);
    if (unspeakable) throw unspeakable;
    const listing = await this.list();
    const voice = voiceOf(stated, listing);
    if (!voice) throw missingVoice(stated, build, listing);
    requirePlannedBuild(build, voice);
    const engine = this.#engineOf(voice);
    const { length } = [...stated.text];
    const request: SpeakRequest = {
      ...stated,
      voice: voice.name,
      settings: lineSettings(stated, voice),
      charge: spend && voice.charactersPerBatch > 0n ? () => spend(voice, length) : undefined,
    };
    const others = listing.voices.map((listed) => ({
      voice: listed,
      reach: this.#engineOf(listed).reach(listed.name),
    }));
    const reach = engine.reach(voice.name);
    const error =
      outOfReach(request, voice, reach, others) ??
      unsupportedSetting(request.settings, voice, reach) ??
      modelFault(request, voice, listing.models);
    if (error) throw error;
    const words = await engine.unreadable(voice.name, request.text, request.signal, request.settings);
    if (words.length > 0) {
      const readers = await readersOf(request.text, listing.voices, (name, other) =>
        this.#engineOf(other).unreadable(name, request.text, request.signal),
      );
      throw cannotRead(voice, words, readers);
    }
    const speaking = unanswered ? speakOrRecover(engine, request, unanswered) : engine.speak(request);
    count("polyreel.speech.characters", { engine: voice.engine }, length);
    return speaking.catch(async (error: unknown) => {
      if (!(error instanceof PolyreelError) || error.failure.code !== FailureCode.NOT_FOUND) throw error;
      this.#voicesOf(voice).forget(); // Its list is older than what it answered.
      throw vanishedVoice(voice.name, await this.list());
    });
  }

  #engineOf = (voice: Voice): SpeechEngine => this.#voicesOf(voice).engine;

  #voicesOf(voice: Voice): EngineVoices {
    const found = this.#engines.find(({ engine }) => engine.name === voice.engine);
    if (!found) throw new PolyreelError("internal", `There is no engine "${voice.engine}".`);
    return found;
  }
}

/** A line with a build was planned for a listed voice. An engine that failed may have it still. */
const missingVoice = (stated: LineRequest, build: string, listing: ListVoicesResponse): PolyreelError =>
  build === "" || build === UNLISTED || listing.failures.length > 0
    ? unknownVoice(stated, listing)
    : vanishedVoice(stated.voice, listing);

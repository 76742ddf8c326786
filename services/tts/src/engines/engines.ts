import { create } from "@bufbuild/protobuf";
import { type ListVoicesResponse, ListVoicesResponseSchema, type Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { EngineVoices, type ListingOptions } from "./engine-voices.js";
import { espeakNg } from "./espeak-ng.js";
import { flite } from "./flite.js";
import { requirePlannedBuild } from "./planned-build.js";
import { outOfReach } from "./reach.js";
import { cannotRead, readersOf } from "./readers.js";
import type { SpeakRequest, Speech, SpeechEngine } from "./speech-engine.js";
import { unknownVoice } from "./unknown-voice.js";

/** The engines there are, the preferred first. */
const LOCAL: readonly SpeechEngine[] = [flite, espeakNg];

/** A request to speak with any engine's voice; an empty name is the default voice. */
export interface LineRequest extends SpeakRequest {
  /** The build that the line was planned for; empty: any. */
  readonly build?: string;
}

/** All speech engines as one. */
export class Engines {
  readonly #engines: readonly EngineVoices[];

  constructor(engines: readonly SpeechEngine[] = LOCAL, options: ListingOptions = {}) {
    this.#engines = engines.map((engine) => new EngineVoices(engine, options));
  }

  /** The voices that are installed, and the engines that failed to list theirs. Installed engines are asked once. */
  async list(): Promise<ListVoicesResponse> {
    const listings = await Promise.all(this.#engines.map((engine) => engine.list()));
    // A name stands for one voice: that of the preferred engine.
    const byName = new Map<string, Voice>();
    for (const voice of listings.flatMap(({ voices }) => voices)) {
      if (!byName.has(voice.name)) byName.set(voice.name, voice);
    }
    // One may be installed by the next time.
    if (byName.size === 0) for (const engine of this.#engines) engine.forget();
    // Where the preferred engine fails, another engine's voice must not quietly stand in for its first one.
    const decisive = listings.find(({ voices, failure }) => failure || voices.length > 0);
    return create(ListVoicesResponseSchema, {
      voices: [...byName.values()],
      failures: listings.flatMap(({ failure }) => failure ?? []),
      defaultVoice: decisive?.voices[0]?.name ?? "",
    });
  }

  /** The voices that are installed. Throws PolyreelError `unavailable` where there is none. */
  async voices(): Promise<Voice[]> {
    const listing = await this.list();
    if (listing.voices.length === 0) throw unknownVoice("", listing);
    return listing.voices;
  }

  /**
   * Speaks a text with a voice. Throws PolyreelError `invalid` where the voice is not installed, or cannot say the text or not
   * so fast or high, `unavailable` where there is no voice at all, the voice's engine failed or has another build.
   */
  async speak({ build = "", ...request }: LineRequest): Promise<Speech> {
    if (!/[^\p{P}\p{Z}\p{C}]/u.test(request.text)) {
      throw new PolyreelError("invalid", {
        reason: "This text has nothing to speak.",
        remedy: "Give it some words, or leave the text empty for no speech.",
      });
    }
    const listing = await this.list();
    const voice = listing.voices.find(({ name }) => name === (request.voice || listing.defaultVoice));
    if (!voice) throw unknownVoice(request.voice, listing);
    requirePlannedBuild(build, voice);
    const engine = this.#engineOf(voice);
    const others = listing.voices.map((listed) => ({
      voice: listed,
      reach: this.#engineOf(listed).reach(listed.name),
    }));
    const error = outOfReach(request, voice, engine.reach(voice.name), others);
    if (error) throw error;
    const words = await engine.unreadable(voice.name, request.text, request.signal);
    if (words.length > 0) {
      const readers = await readersOf(request.text, listing.voices, (name, other) =>
        this.#engineOf(other).unreadable(name, request.text, request.signal),
      );
      throw cannotRead(voice, words, readers);
    }
    return engine.speak({ ...request, voice: voice.name });
  }

  #engineOf(voice: Voice): SpeechEngine {
    const found = this.#engines.find(({ engine }) => engine.name === voice.engine);
    if (!found) throw new PolyreelError("internal", `No engine is called "${voice.engine}".`);
    return found.engine;
  }
}

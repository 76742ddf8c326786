import type { Voice } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { nearNames } from "@polyreel/spec";
import { espeakNg } from "./espeak-ng.js";
import { flite } from "./flite.js";
import { outOfReach } from "./reach.js";
import { cannotRead, readersOf } from "./readers.js";
import type { SpeakRequest, Speech, SpeechEngine } from "./speech-engine.js";

/** The engines there are, the preferred first. */
const LOCAL: readonly SpeechEngine[] = [flite, espeakNg];
const NEAR_SHOWN = 3;

/** All speech engines as one. */
export class Engines {
  readonly #engines: readonly SpeechEngine[];
  #listed: Promise<Voice[]> | undefined;

  constructor(engines: readonly SpeechEngine[] = LOCAL) {
    this.#engines = engines;
  }

  /** The voices that are installed; the first speaks where none is named. Asked of the engines once. */
  voices(): Promise<Voice[]> {
    this.#listed ??= this.#list().catch((error) => {
      this.#listed = undefined; // an engine may be installed by then
      throw error;
    });
    return this.#listed;
  }

  /**
   * Speaks a text with a voice; an empty name is the first voice. Throws PolyreelError `invalid` where the voice is not
   * installed, or cannot say the text or not so fast or high, `unavailable` where there is no voice at all.
   */
  async speak(request: SpeakRequest): Promise<Speech> {
    if (!/[^\p{P}\p{Z}\p{C}]/u.test(request.text)) {
      throw new PolyreelError("invalid", {
        reason: "This text has nothing to speak.",
        remedy: "Give it some words, or leave the text empty for no speech.",
      });
    }
    const voice = await this.#resolve(request.voice);
    const engine = this.#engineOf(voice);
    const others = (await this.voices()).map((listed) => ({
      voice: listed,
      reach: this.#engineOf(listed).reach(listed.name),
    }));
    const error = outOfReach(request, voice, engine.reach(voice.name), others);
    if (error) throw error;
    const words = await engine.unreadable(voice.name, request.text, request.signal);
    if (words.length > 0) {
      const readers = await readersOf(request.text, await this.voices(), (name, other) =>
        this.#engineOf(other).unreadable(name, request.text, request.signal),
      );
      throw cannotRead(voice, words, readers);
    }
    return engine.speak({ ...request, voice: voice.name });
  }

  #engineOf(voice: Voice): SpeechEngine {
    const engine = this.#engines.find(({ name }) => name === voice.engine);
    if (!engine) throw new PolyreelError("internal", `No engine is called "${voice.engine}".`);
    return engine;
  }

  async #resolve(name: string): Promise<Voice> {
    const voices = await this.voices();
    const voice = name === "" ? voices[0] : voices.find((listed) => listed.name === name);
    if (voice) return voice;
    const near = nearNames(
      name,
      voices.map((listed) => listed.name),
      NEAR_SHOWN,
    );
    throw new PolyreelError("invalid", {
      reason: `The voice "${name}" is not installed.`,
      remedy: `${near.length > 0 ? `Did you mean ${near.join(", ")}? ` : ""}\`polyreel voices\` lists the voices there are.`,
    });
  }

  async #list(): Promise<Voice[]> {
    // Nobody's signal: the list is everybody's, and quickly there.
    const { signal } = new AbortController();
    const lists = await Promise.all(this.#engines.map((engine) => engine.voices(signal)));
    // A name stands for one voice: that of the preferred engine.
    const byName = new Map<string, Voice>();
    for (const voice of lists.flat()) if (!byName.has(voice.name)) byName.set(voice.name, voice);
    if (byName.size === 0) {
      throw new PolyreelError(
        "unavailable",
        {
          reason: "No speech engine is installed.",
          remedy:
            "Install flite or espeak-ng (Debian and Ubuntu: apt install flite espeak-ng; macOS: brew install espeak-ng).",
        },
        { outage: false },
      );
    }
    return [...byName.values()];
  }
}

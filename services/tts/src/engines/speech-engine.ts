import type { SpokenWord, Voice } from "@polyreel/contract";

export interface SpeakRequest {
  /** A name that `voices` lists. */
  readonly voice: string;
  /** Not empty. */
  readonly text: string;
  readonly signal: AbortSignal;
  /** For what is spoken, and for files in the making; the caller removes it. */
  readonly tempDir: string;
}

export interface Speech {
  /** A WAV file. */
  readonly path: string;
  /** When each word is spoken; empty where the engine does not tell. */
  readonly words: readonly SpokenWord[];
}

/** A program (or service) that speaks. */
export interface SpeechEngine {
  readonly name: string;
  /** The voices that are installed, the best first; none where the engine itself is not there. */
  voices(signal: AbortSignal): Promise<Voice[]>;
  /** Throws PolyreelError `invalid` where the voice cannot say this text. */
  speak(request: SpeakRequest): Promise<Speech>;
}

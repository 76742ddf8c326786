import type { SpokenWord, Voice } from "@polyreel/contract";

export interface SpeakRequest {
  /** A name that `voices` lists. */
  readonly voice: string;
  /** Not empty. */
  readonly text: string;
  /** How fast: 1 is the voice's own speed. Within its reach. */
  readonly rate: number;
  /** In semitones from the voice's own pitch. Within its reach. */
  readonly pitch: number;
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

/** The least and the most, both included. */
export type Span = readonly [from: number, to: number];

/** How far a voice can be changed. */
export interface Reach {
  /** Times its own speed. */
  readonly rate: Span;
  /** Semitones from its own pitch; 0 to 0: not at all. */
  readonly pitch: Span;
}

/** A program (or service) that speaks. */
export interface SpeechEngine {
  readonly name: string;
  /**
   * The voices that are installed, the best first, each with its build: the name and version of the engine and of its data,
   * which goes into the recipe of a line, so that an upgraded engine gives new speech. Throws PolyreelError `not_found` where
   * the engine is not installed.
   */
  voices(signal: AbortSignal): Promise<Voice[]>;
  /** How far a voice that it lists can be changed. */
  reach(voice: string): Reach;
  /** The words of a text that a voice would leave out or spell by their letters; none: it reads the text. */
  unreadable(voice: string, text: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Speaks a text that the voice can read. */
  speak(request: SpeakRequest): Promise<Speech>;
}

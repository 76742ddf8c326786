import type { SpeechModel, SpokenWord, Voice, VoiceSettings } from "@polyreel/contract";
import type { PolyreelError } from "@polyreel/platform";

/** A setting of voices that some of them have. */
export type SettingName = Exclude<keyof VoiceSettings, `$${string}`>;

export interface SpeakRequest {
  /** A name from `voices`. */
  readonly voice: string;
  /** Not empty. */
  readonly text: string;
  /** Speed: 1 is the voice's own. Within its reach. */
  readonly rate: number;
  /** In semitones from the voice's own pitch. Within its reach. */
  readonly pitch: number;
  /** Those of the line with those of the voice; each one that is set is among the voice's. */
  readonly settings?: VoiceSettings | undefined;
  /** Waits for others without occupying this machine's capacity to speak. */
  readonly outsideSlot?: (<T>(wait: () => Promise<T>) => Promise<T>) | undefined;
  /**
   * Called before each request that the provider may charge for; the returned function takes it back. Throws if no more
   * may be spent.
   */
  readonly charge?: (() => Promise<() => Promise<void>>) | undefined;
  /**
   * Called by engines that speak a text differently each time, as soon as the speech has arrived: before anything else can
   * fail, or be cancelled.
   */
  readonly keep?: ((speech: ArrivedSpeech) => Promise<void>) | undefined;
  readonly signal: AbortSignal;
  /** For the speech and temporary files; the caller removes it. */
  readonly tempDir: string;
}

/** Speech in memory. */
export interface ArrivedSpeech {
  /** A sound file: WAV, or MP3, Ogg or FLAC of providers. */
  readonly audio: Uint8Array;
  readonly words: readonly SpokenWord[];
}

export interface Speech {
  /** A sound file, as in `ArrivedSpeech`. */
  readonly path: string;
  /** Start and end of each word; empty if the engine does not provide them. */
  readonly words: readonly SpokenWord[];
}

/** Minimum and maximum, inclusive. */
export type Span = readonly [from: number, to: number];

/** Supported range of a voice's rate and pitch. */
export interface Reach {
  /** In multiples of its own speed. */
  readonly rate: Span;
  /** In semitones from its own pitch; 0 to 0 if it is fixed. */
  readonly pitch: Span;
  /** Settings that it has; none by default. */
  readonly settings?: readonly SettingName[];
}

/** A voice that cannot be used; others can. */
export interface VoiceFault {
  /** Its reason and remedy name the voice. */
  readonly error: PolyreelError;
  /** BCP 47, or a name that begins with it. */
  readonly language: string;
}

/** A program or service that speaks. */
export interface SpeechEngine {
  readonly name: string;
  /** Voices that are known without asking the engine: they stay listed while it fails. */
  readonly known?: readonly Voice[];
  /** Its models, as far as they are known: the settings of a line choose one. */
  readonly models?: readonly SpeechModel[];
  /** Voices are listed again after so many milliseconds; once by default. */
  readonly relistAfterMs?: number;
  /** Only its voices of this language may be the default voice; all by default. */
  readonly defaultLanguage?: string;
  /**
   * The installed voices, the best first, each with its build: the name and version of the engine and of its data. The
   * build is part of a line's recipe, so that an upgraded engine makes new speech. Throws PolyreelError `not_found` if
   * the engine is not installed.
   *
   * @param failed receives voices that cannot be used
   */
  voices(signal: AbortSignal, failed?: (fault: VoiceFault) => void): Promise<Voice[]>;
  /** Voices that it listed before this process, as it lists them now: they stay listed until it can be asked. */
  recall?(voices: readonly Voice[]): readonly Voice[];
  /** The range of a listed voice. */
  reach(voice: string): Reach;
  /** Words of a text that a voice would skip or spell; empty if it can read the text. */
  unreadable(voice: string, text: string, signal: AbortSignal, settings?: VoiceSettings): Promise<readonly string[]>;
  /** Speaks a text that the voice can read. */
  speak(request: SpeakRequest): Promise<Speech>;
  /**
   * Speech that it made of the same request since a time, for one that it keeps and whose answer did not arrive; undefined if it
   * has none. Costs nothing. Throws PolyreelError if it can't be asked.
   */
  earlier?(request: SpeakRequest, since: Date): Promise<ArrivedSpeech | undefined>;
  /** Ends programs that it keeps for later lines. */
  close?(): Promise<void>;
}

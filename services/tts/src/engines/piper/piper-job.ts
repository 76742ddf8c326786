import type { ProgramMessage } from "@polyreel/platform/process";
import type { Utterance } from "./utterances.js";

// Messages between the speech service and the program that runs models: a line of JSON each.

/** A line to speak. */
export interface PiperJob {
  readonly model: string;
  /** SHA-256 that the model must have. */
  readonly sha256: string;
  readonly utterances: readonly Utterance[];
  /** Number of the speaker; undefined if the model has only one. */
  readonly speaker?: number | undefined;
  readonly lengthScale: number;
  readonly sampleRate: number;
  /** File for the samples: mono, 16 bits, little endian. */
  readonly output: string;
}

export interface SpokenSamples {
  readonly samples: number;
}

/** `changed`: the model has other bytes; `broken`: it cannot be loaded, or its output is no speech; `long`: too much of it. */
export interface PiperFailure {
  readonly fault: "changed" | "broken" | "long";
  /** For the log. */
  readonly cause: string;
}

export type PiperMessage = ProgramMessage<SpokenSamples, PiperFailure>;

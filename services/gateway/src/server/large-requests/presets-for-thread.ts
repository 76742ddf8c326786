import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { TranscodeSchema } from "@polyreel/contract";
import type { Presets } from "@polyreel/spec";

/** Presets in a form that can be sent to a thread. */
export type SentPresets = readonly (readonly [name: string, settings: Uint8Array])[];

export const sentPresets = (presets: Presets): SentPresets =>
  [...presets].map(([name, settings]) => [name, toBinary(TranscodeSchema, settings)]);

export const parsedPresets = (sent: SentPresets): Presets =>
  new Map(sent.map(([name, settings]) => [name, fromBinary(TranscodeSchema, settings)]));

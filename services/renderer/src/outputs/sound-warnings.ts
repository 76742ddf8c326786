import { create } from "@bufbuild/protobuf";
import { type SoundIndex, type Warning, WarningCode, WarningSchema } from "@polyreel/contract";

/** What is in a soundtrack otherwise than it was given. */
export const soundWarnings = ({ warnings }: SoundIndex): Warning[] =>
  warnings.map((reason) => create(WarningSchema, { reason, code: WarningCode.SOUND_SILENT }));

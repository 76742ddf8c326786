import { create } from "@bufbuild/protobuf";
import { type Voice, type VoiceSettings, VoiceSettingsSchema } from "@polyreel/contract";

/** The settings that a line is spoken with: its own, and the voice's where it has none. Undefined if there are none. */
export function voiceSettings(
  stated: VoiceSettings | undefined,
  { settings: own }: Pick<Voice, "settings">,
): VoiceSettings | undefined {
  if (!stated || !own) return stated ?? own;
  return create(VoiceSettingsSchema, {
    ...own,
    ...stated,
    model: stated.model || own.model,
    language: stated.language || own.language,
  });
}

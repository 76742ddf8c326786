import { create, isFieldSet } from "@bufbuild/protobuf";
import { type Voice, type VoiceSettings, VoiceSettingsSchema } from "@polyreel/contract";
import { MULTILINGUAL } from "./languages.js";
import type { StatedVoice } from "./unknown-voice.js";

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

/** The settings of a line: as `voiceSettings`, without the language if that has only chosen the voice. */
export function lineSettings({ voice: name = "", settings }: StatedVoice, voice: Voice): VoiceSettings | undefined {
  if (name !== "" || !settings?.language || voice.language === MULTILINGUAL) return voiceSettings(settings, voice);
  const others = create(VoiceSettingsSchema, { ...settings, language: "" });
  const isEmpty = !VoiceSettingsSchema.fields.some((field) => isFieldSet(others, field));
  return voiceSettings(isEmpty ? undefined : others, voice);
}

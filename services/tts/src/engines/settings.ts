import { isFieldSet } from "@bufbuild/protobuf";
import { type Voice, type VoiceSettings, VoiceSettingsSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Reach, SettingName } from "./speech-engine.js";

/** The error if a line has a setting that the voice does not have; undefined if the voice has them all. */
export function unsupportedSetting(
  settings: VoiceSettings | undefined,
  { name }: Voice,
  { settings: supported = [] }: Reach,
): PolyreelError | undefined {
  const field = VoiceSettingsSchema.fields.find(
    (one) => settings && isFieldSet(settings, one) && !supported.includes(one.localName as SettingName),
  );
  if (!field) return undefined;
  return new PolyreelError("invalid", {
    field: `settings.${field.localName}`,
    reason: `The voice "${name}" has no setting "${field.localName}".`,
    remedy:
      supported.length === 0
        ? "Leave settings out, or choose a voice of a provider that has it."
        : `Leave it out. Its settings are ${supported.join(", ")}.`,
  });
}

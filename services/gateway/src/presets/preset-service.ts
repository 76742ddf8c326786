import type { PresetService } from "@polyreel/contract";
import { builtInPresets, type Presets } from "@polyreel/spec";
import type { CallHandlers } from "../call/with-calls.js";

/** polyreel.v1.PresetService. */
export function presetService(presets: Presets): CallHandlers<typeof PresetService> {
  const listed = [...presets].map(([name, transcode]) => ({
    ...{ name, transcode },
    own: builtInPresets.get(name) !== transcode,
  }));
  return { listPresets: async () => ({ presets: listed }) };
}

import { Deinterlace, MediaContainer, type Transcode, VideoEncoder, VideoFit } from "@polyreel/contract";
import { fillWatermark } from "./normalize-image.js";
import { type Presets, withPreset } from "./presets.js";
import { fillTimeRange, isZero } from "./time-range.js";

/**
 * Settings of a transcode with their preset's and all defaults that don't depend on the input. Codecs and quality stay
 * unset: what is not asked for may be copied.
 */
export function normalizeTranscode(given: Transcode, presets: Presets): Transcode {
  const settings = withPreset(given, presets);
  settings.container ||= MediaContainer.MP4;
  // A preset may have named hardware.
  if (settings.encoder === VideoEncoder.SOFTWARE) settings.encoder = VideoEncoder.UNSPECIFIED;
  settings.deinterlace ||= Deinterlace.AUTO;
  settings.background = settings.background.toLowerCase() || "#000000";
  if (settings.width > 0 && settings.height > 0) settings.fit ||= VideoFit.CONTAIN;
  const { trim } = settings;
  if (trim) fillTimeRange(trim);
  if (trim && !trim.end && isZero(trim.start)) delete settings.trim;
  if (settings.watermark) fillWatermark(settings.watermark);
  return settings;
}

import type { RenditionRecipe, Transcode } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { MediaFile } from "../operations/media-file.js";
import type { Probe } from "../probe/parse.js";
import { audioFile, planAudio } from "./audio-file.js";
import { compress, planCompress } from "./compress.js";
import { formatOf } from "./formats.js";
import { metadataFile } from "./metadata.js";
import { planPreview } from "./preview/plan-preview.js";
import { previewFile } from "./preview/preview-file.js";
import { planStoryboard } from "./storyboard/plan-storyboard.js";
import { storyboardCues } from "./storyboard/storyboard-cues.js";
import { storyboardFile } from "./storyboard/storyboard-file.js";
import { type MadeRendition, type RenditionWork, transcode } from "./transcode.js";
import { planTranscode, soundEncode, type TranscodePlan } from "./transcode-plan.js";
import { planWaveform } from "./waveform/plan-waveform.js";
import { waveformFile } from "./waveform/waveform-file.js";

type Operation = RenditionRecipe["operation"];

/** Makes the file of a rendition's operation. Throws PolyreelError `invalid` if the input does not allow it. */
export function makeFile(
  source: MediaFile,
  operation: Operation,
  work: RenditionWork & { track: number },
): Promise<MadeRendition> {
  switch (operation.case) {
    case "transcode":
      return transcode(source, operation.value, work);
    case "compress":
      return compress(source, operation.value, work);
    case "audio":
      return audioFile(source, operation.value, work);
    case "metadata":
      return metadataFile(source, work);
    case "preview":
      return previewFile(source, operation.value, work);
    case "waveform":
      return waveformFile(source, operation.value, work);
    case "storyboard":
      return operation.value.cuesOf
        ? storyboardCues(source, operation.value, work)
        : storyboardFile(source, operation.value, work);
    case undefined:
      throw new PolyreelError("internal", "A rendition was requested without its operation.");
  }
}

/** What a rendition will take, as far as a probe of its input determines it. */
export interface Foreseen {
  readonly seconds: number;
  readonly encodedMegapixels: number;
  /** 0: the content determines it. */
  readonly sizeBytes: number;
}

/** Of sound that is copied, as a guess. */
const COPIED_KBPS = 128;
const DESCRIPTION_BYTES = 1500;
const CUE_BYTES = 80;
/** Measured on sheets of real videos as JPEG: 0.2 to 0.4. */
const SHEET_BYTES_PER_PIXEL = 0.3;

/** Foresees a rendition without reading its input; pure. Throws as `makeFile` does for what the probe shows. */
export function foreseeFile(operation: Operation, probe: Probe, track: number): Foreseen {
  switch (operation.case) {
    case "transcode":
      return ofVideo(planTranscode(operation.value, probe, { track }), operation.value, probe);
    case "compress": {
      const { plan, settings } = planCompress(operation.value, probe, { track });
      return ofVideo(plan, settings, probe);
    }
    case "audio": {
      const { track: own, encode } = planAudio(operation.value, probe, { track });
      const kbps = encode ? encode.kbps || LOSSLESS_KBPS : COPIED_KBPS;
      const seconds = own.durationSeconds;
      return { seconds, encodedMegapixels: 0, sizeBytes: (seconds * kbps * 1000) / 8 };
    }
    case "preview": {
      const { frames, fps, place, typicalBytes } = planPreview(operation.value, probe);
      const { width, height } = place.output;
      return {
        seconds: frames / fps,
        encodedMegapixels: (frames * width * height) / 1e6,
        sizeBytes: typicalBytes,
      };
    }
    case "waveform": {
      const { seconds, megapixels, typicalBytes } = planWaveform(operation.value, probe, track);
      return { seconds, encodedMegapixels: megapixels, sizeBytes: typicalBytes };
    }
    case "storyboard": {
      const { count, sheet, durationSeconds: seconds } = planStoryboard(operation.value, probe);
      const pixels = sheet.width * sheet.height;
      return operation.value.cuesOf
        ? { seconds, encodedMegapixels: 0, sizeBytes: count * CUE_BYTES }
        : { seconds, encodedMegapixels: pixels / 1e6, sizeBytes: pixels * SHEET_BYTES_PER_PIXEL };
    }
    default:
      return { seconds: 0, encodedMegapixels: 0, sizeBytes: DESCRIPTION_BYTES };
  }
}

/** The same for a soundtrack that becomes a track; pure. `seconds`: its length. */
export function foreseeSoundTrack(settings: Transcode, seconds: number): Foreseen {
  const { kbps } = soundEncode(settings, formatOf(settings.container), Math.min(settings.channels || 2, 2));
  return { seconds, encodedMegapixels: 0, sizeBytes: (seconds * kbps * 1000) / 8 };
}

/** WAV of stereo at 48 kHz. */
const LOSSLESS_KBPS = 1536;

function ofVideo(
  { video, audio }: TranscodePlan,
  { targetMegabytes, videoKbps }: { targetMegabytes: number; videoKbps: number },
  probe: Probe,
): Foreseen {
  const { width, height, frameRate, seconds, encode } = video;
  const audioKbps = audio?.encode?.kbps ?? (audio ? COPIED_KBPS : 0);
  const byRate = videoKbps > 0 ? (seconds * (videoKbps + audioKbps) * 1000) / 8 : 0;
  return {
    seconds,
    encodedMegapixels: encode ? (width * height * frameRate * seconds) / 1e6 : 0,
    sizeBytes: encode ? targetMegabytes * 1e6 || byRate : probe.sizeBytes,
  };
}

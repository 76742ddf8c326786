import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RenditionIndexSchema } from "@polyreel/contract";
import type { Probe } from "../probe/parse.js";
import { videoKbps } from "./video-kbps.js";

/** The index of a file whose streams are those of its input; pure. */
export function describeFile(probe: Probe, format: string): MessageInitShape<typeof RenditionIndexSchema> {
  const { video, audio, durationSeconds } = probe;
  return {
    ...{ format, durationSeconds, encodedMegapixels: 0 },
    ...(video && {
      video: {
        ...{ codec: video.codec, width: video.width, height: video.height, frameRate: video.frameRate },
        ...{ durationSeconds: video.durationSeconds, copied: true, kbps: Math.round(videoKbps(probe)) },
      },
    }),
    ...(audio && {
      audio: {
        ...{ codec: audio.codec, channels: audio.channels, sampleRate: audio.sampleRate },
        ...{ durationSeconds: audio.durationSeconds, copied: true },
      },
    }),
  };
}

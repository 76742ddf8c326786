import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RenditionIndexSchema } from "@polyreel/contract";
import type { Probe } from "../probe/parse.js";
import { reportStreams, videoKbpsOf } from "./stream-report.js";

/** The index of a file whose streams are those of its input. */
export async function describeFile(
  path: string,
  probe: Probe,
  format: string,
  signal: AbortSignal,
): Promise<MessageInitShape<typeof RenditionIndexSchema>> {
  const report = await reportStreams(path, probe.audio, signal);
  const { video, audio, durationSeconds } = probe;
  return {
    ...{ format, durationSeconds, encodedMegapixels: 0 },
    ...(video && {
      video: {
        ...{ codec: video.codec, width: video.width, height: video.height, frameRate: video.frameRate },
        ...{ durationSeconds: video.durationSeconds, copied: true, kbps: Math.round(videoKbpsOf(probe, report)) },
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

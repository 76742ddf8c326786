import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TrimSchema } from "@polyreel/contract";
import { ffmpegValues, REAL_MEDIA } from "@polyreel/media/testing";
import { bed, footage, still } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import { put } from "../testing/media.js";
import type { Pipeline } from "../testing/pipeline.js";

/** Third-party recordings, by their names here. Their video and audio begin together. */
const FILES = {
  friday: "friday.mp4",
  flower: "flower.mp4",
  "flower webm": "flower.webm",
  bug: "bug_video_640.mp4",
  tears: "tears-of-steel.webm",
  leopard: "leopard.jpg",
  balloons: "balloons-landscape.jpg",
  guitar: "guitar.mp3",
  fire: "voices-around-a-fire.mp3",
  roar: "t-rex-roar.mp3",
};
export type RealName = keyof typeof FILES;

export const pathOf = (name: RealName): string => join(REAL_MEDIA ?? "", FILES[name]);

/** The recordings in a pipeline's store, as choices of blocks. */
export async function putRealMedia(pipeline: Pipeline) {
  const stored = new Map<RealName, string>();
  for (const name of Object.keys(FILES) as RealName[]) stored.set(name, await put(pipeline, pathOf(name)));
  const sha256 = (name: RealName) => stored.get(name) ?? "";
  return {
    clip: (name: RealName, trim?: MessageInitShape<typeof TrimSchema>) =>
      footage(name, sha256(name), trim ? { trim } : {}),
    still: (name: RealName, seconds: number) => ({
      ...still(name, sha256(name)),
      duration: durationOf(seconds),
    }),
    bed: (name: RealName) => bed(name, sha256(name)),
    /** Whether it has an audio stream, even a silent one. */
    hasSound: (name: RealName) => !["bug", "leopard", "balloons"].includes(name),
  };
}

/** From `start` seconds on, for `duration` seconds. */
export const trim = (start: number, duration: number): MessageInitShape<typeof TrimSchema> => ({
  start: durationOf(start),
  duration: durationOf(duration),
});

/** The last seconds. */
export const last = (seconds: number): MessageInitShape<typeof TrimSchema> => ({
  last: durationOf(seconds),
});

const decoded = new Map<RealName, Promise<Float32Array>>();

/** The sound of a recording as decoded by ffmpeg, at 48 kHz, interleaved. */
export function soundOf(name: RealName): Promise<Float32Array> {
  const sound =
    decoded.get(name) ?? ffmpegValues([{ file: pathOf(name) }], "[0:a:0]aresample=48000:async=1:first_pts=0");
  decoded.set(name, sound);
  return sound;
}

/** A sound repeated to this number of samples. */
export function repeated(sound: Float32Array, samples: number): Float32Array {
  const filled = new Float32Array(samples * 2);
  for (let at = 0; at < filled.length; at += sound.length) filled.set(sound.subarray(0, filled.length - at), at);
  return filled;
}

/** Samples of a sound, with silence after its end. */
export function stretchOf(sound: Float32Array, fromSample: number, samples: number): Float32Array {
  const stretch = new Float32Array(samples * 2);
  stretch.set(sound.subarray(Math.round(fromSample) * 2, (Math.round(fromSample) + samples) * 2));
  return stretch;
}

import type { FfprobeJson, FfprobeStream } from "./ffprobe-json.js";

/** The streams that are used: the first with pictures, and every one with sound, with its position among the audio tracks. */
export function chosenStreams({ streams = [] }: FfprobeJson) {
  return {
    video: streams.find((s) => s.codec_type === "video" && s.disposition?.attached_pic !== 1 && s.width && s.height),
    audios: streams
      .filter((s) => s.codec_type === "audio")
      .map((stream, track) => ({ stream, track }))
      .filter(({ stream }) => stream.channels),
  };
}

/** Whether packets and pictures can add to the header. */
export const isMoving = (json: FfprobeJson): boolean => !isStill(json, chosenStreams(json).video);

/** The stream that pictures are taken from. */
export const pictureStream = (json: FfprobeJson): FfprobeStream | undefined => chosenStreams(json).video;

/** Stills use a *_pipe demuxer; in formats that may move, a single packet is a still. */
export const isStill = (json: FfprobeJson, video: FfprobeStream | undefined): boolean =>
  video !== undefined &&
  (/_pipe$/.test(json.format?.format_name ?? "") || (json.packets === undefined && video.nb_read_packets === "1"));

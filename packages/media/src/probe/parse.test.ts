import { describe, expect, it } from "vitest";
import type { FfprobeJson } from "./ffprobe-json.js";
import { type Findings, parseProbe } from "./parse.js";

const video = { index: 0, codec_type: "video", codec_name: "h264", width: 640, height: 480, avg_frame_rate: "30/1" };
const audio = { index: 1, codec_type: "audio", codec_name: "aac", channels: 2, sample_rate: "44100" };
const format = { format_name: "matroska,webm", duration: "5.5", size: "1000" };
const matrix = (rotation: number) => [{ side_data_type: "Display Matrix", rotation }];

describe("picture", () => {
  it.each([
    ["as it is", {}, [640, 480, 0]],
    ["turned clockwise", { side_data_list: matrix(-90) }, [480, 640, 90]],
    ["turned counterclockwise", { side_data_list: matrix(90) }, [480, 640, 270]],
    ["upside down", { side_data_list: matrix(180) }, [640, 480, 180]],
    ["almost upright", { side_data_list: matrix(-0.4) }, [640, 480, 0]],
    ["anamorphic", { sample_aspect_ratio: "4:3" }, [853, 480, 0]],
    ["anamorphic and turned", { sample_aspect_ratio: "4:3", side_data_list: matrix(-90) }, [480, 853, 90]],
    ["of unknown aspect", { sample_aspect_ratio: "0:1" }, [640, 480, 0]],
  ])("%s", (_what, more, [width, height, rotationDegrees]) => {
    expect(parseProbe({ format, streams: [{ ...video, ...more }] }).video).toMatchObject({
      width,
      height,
      rotationDegrees,
    });
  });

  it("of a still is turned by its first frame's orientation, with square pixels", () => {
    const json: FfprobeJson = {
      format: { format_name: "jpeg_pipe", size: "5" },
      // Its density is meant for printing.
      streams: [{ ...video, avg_frame_rate: "25/1", duration: "0.04", sample_aspect_ratio: "72:300" }],
      frames: [{ side_data_list: matrix(-90) }],
    };
    expect(parseProbe(json)).toEqual({
      container: "jpeg_pipe",
      sizeBytes: 5,
      durationSeconds: 0,
      video: {
        codec: "h264",
        width: 480,
        height: 640,
        rotationDegrees: 90,
        frameRate: 0,
        startSeconds: 0,
        durationSeconds: 0,
        still: true,
        pixels: { alpha: false, interlaced: false, matrixStated: false, hdr: false },
      },
    });
  });

  it.each([
    [{ pix_fmt: "rgba" }, { alpha: true }],
    [{ pix_fmt: "pal8" }, { alpha: true }],
    [{ pix_fmt: "yuv420p", codec_name: "vp9", tags: { alpha_mode: "1" } }, { alpha: true }],
    [
      { color_transfer: "arib-std-b67", color_space: "bt2020nc", color_primaries: "bt2020" },
      { hdr: true, matrixStated: true },
    ],
    [
      { color_transfer: "smpte2084", color_space: "reserved" },
      { hdr: true, primariesUnstated: true as const },
    ],
    [{ pix_fmt: "yuv420p", field_order: "tt", color_space: "unknown" }, { interlaced: true }],
    [
      { pix_fmt: "yuv420p", field_order: "progressive", color_space: "bt709" },
      { matrixStated: true, matrix: "bt709" },
    ],
  ])("with %j takes %j", (more, pixels) => {
    const plain = { alpha: false, interlaced: false, matrixStated: false, hdr: false };
    expect(parseProbe({ format, streams: [{ ...video, ...more }] }).video?.pixels).toEqual({ ...plain, ...pixels });
  });

  it("ignores the cover of an audio file", () => {
    const cover = { ...video, disposition: { attached_pic: 1 } };
    expect(parseProbe({ format, streams: [cover, audio] }).video).toBeUndefined();
    expect(() => parseProbe({ format, streams: [cover] })).toThrow(/neither pictures nor sound/);
  });

  it("is a still if it has just one packet, in a format that may move", () => {
    const gif = { format: { format_name: "gif", duration: "0.1" }, streams: [{ ...video, nb_read_packets: "1" }] };
    expect(parseProbe(gif).video?.still).toBe(true);
    expect(parseProbe({ ...gif, streams: [{ ...video, nb_read_packets: "2" }] }).video?.still).toBe(false);
  });
});

describe("duration", () => {
  it.each([
    ["the stream's own", { duration: "2.5", start_time: "1" }, 2.5],
    ["the end of the packets, not that of a tag", { start_time: "0.5", tags: { DURATION: "00:01:02.5" } }, 3],
  ])("is %s", (_what, more, expected) => {
    const json = { format: { ...format, duration: "3.5" }, streams: [{ ...video, ...more }] };
    expect(parseProbe(json, scanned(3.5)).video?.durationSeconds).toBe(expected);
  });

  it("is Matroska's tag of the end if the packets were not scanned", () => {
    const tagged = { ...video, start_time: "0.5", tags: { DURATION: "00:01:02.500000000" } };
    expect(parseProbe({ format, streams: [tagged] }).video?.durationSeconds).toBe(62);
  });

  it("is the one in a Matroska file's header if its packets are truncated", () => {
    const json = (length: string) => ({
      format: { format_name: "matroska,webm", start_time: "0.0", duration: length },
      streams: [{ ...video, start_time: "0.5" }],
    });
    const seconds = (length: string) => parseProbe(json(length), scanned(3.5)).video?.durationSeconds;
    expect([seconds("4.2"), seconds("10")]).toEqual([3, 9.5]);
  });

  it("is the file's if nothing else is known", () => {
    const json = { format, streams: [{ ...video, start_time: "0.5" }] };
    expect(parseProbe(json).video?.durationSeconds).toBe(5);
    expect(parseProbe({ ...json, format: {} }).video?.durationSeconds).toBe(0);
  });

  it.each([
    ["the end of the packets, if a header declares much more", "9", 3],
    ["the end of the packets, if a header declares less", "2", 3],
    ["that of the header, if it differs by rounding", "3.03", 3.03],
  ])("is %s", (_what, duration, expected) => {
    const json = { format: { format_name: "mov,mp4" }, streams: [{ ...video, duration, start_time: "0.5" }] };
    expect(parseProbe(json, scanned(3.5)).video?.durationSeconds).toBe(expected);
  });

  it("is the header's for a truncated file", () => {
    const json = { format: { format_name: "mov,mp4" }, streams: [{ ...video, duration: "9", start_time: "0.5" }] };
    expect(parseProbe(json, { ...scanned(3.5), breaksOff: "content" }).video?.durationSeconds).toBe(9);
  });
});

describe("audio", () => {
  const tracks = (...defaults: number[]) =>
    defaults.map((is, index) => ({ ...audio, index, disposition: { default: is }, tags: { language: `l${index}` } }));

  it.each([
    ["the first track, if none is marked", tracks(0, 0), 0],
    ["the first one marked default", tracks(0, 1, 1), 1],
  ])("is %s", (_what, streams, track) => {
    const found = parseProbe({ format, streams });
    expect([found.audio?.track, found.audio?.language]).toEqual([track, `l${track}`]);
    expect(found.tracks?.map(({ language }) => language)).toEqual(streams.map(({ tags }) => tags.language));
  });
});

function scanned(endSeconds: number): Findings {
  return { scan: new Map([[0, { parts: [{ startSeconds: 0, endSeconds }], untimed: false }]]) };
}

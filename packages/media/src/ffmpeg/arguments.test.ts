import { describe, expect, it } from "vitest";
import { ffmpegArguments, fileUrl, MAX_PIXELS } from "./arguments.js";

const after = (args: string[], flag: string) => args[args.indexOf(flag) + 1];

describe("ffmpegArguments", () => {
  it("bounds every output and writes progress to a separate descriptor", () => {
    const args = ffmpegArguments({
      inputs: [{ file: "/a.wav" }],
      outputs: [
        { file: "/b.wav", options: ["-c", "copy"] },
        { stdout: true, options: ["-f", "f32le"] },
      ],
      maxOutputBytes: 1000,
    });
    expect(args.slice(args.indexOf("-i"))).toEqual(
      ["-i", "file:/a.wav", "-c", "copy", "-fs", "1000", "file:/b.wav", "-f", "f32le", "-fs", "1000", "pipe:1"], // biome-ignore format: as a command line
    );
    expect(after(args, "-progress")).toBe("pipe:3");
    expect(args).toContain("-nostdin");
  });

  it("allows untrusted media no network, no playlist and no other file", () => {
    const args = ffmpegArguments({ inputs: [{ media: "/a" }], outputs: [], maxOutputBytes: 1 });
    expect(after(args, "-protocol_whitelist")).toBe("file,pipe,fd");
    const demuxers = after(args, "-format_whitelist")?.split(",") ?? [];
    expect(demuxers).toContain("mov");
    for (const opensOthers of ["hls", "dash", "concat", "image2", "concatf", "lavfi", "rtsp", "sdp", "imf"]) {
      expect(demuxers).not.toContain(opensOthers);
    }
    const decoders = after(args, "-codec_whitelist")?.split(",") ?? [];
    expect(decoders).toContain("h264");
    for (const drawsOrDrives of ["librsvg", "h264_v4l2m2m", "h264_cuvid", "zmbv", "rscc", "libzvbi"]) {
      expect(decoders).not.toContain(drawsOrDrives);
    }
    expect(Number(after(args, "-max_pixels"))).toBe(MAX_PIXELS);
    expect(Number(after(args, "-max_streams"))).toBe(64);
    expect(args.indexOf("-format_whitelist")).toBeLessThan(args.indexOf("-i"));
  });

  it("parses no part of a path as a protocol or an option", () => {
    expect(fileUrl("/a/http://b")).toBe("file:/a/http:/b");
    expect(fileUrl("-y")).toMatch(/^file:\/.*\/-y$/);
  });
});

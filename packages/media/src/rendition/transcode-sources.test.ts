import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Deinterlace, MediaContainer, TranscodeSchema, VideoCodec, VideoFit } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageWorkers } from "../image/image-workers.js";
import { probe } from "../probe/probe.js";
import { transcode } from "./transcode.js";
import type { Av1Encoder } from "./video-options.js";

type Settings = MessageInitShape<typeof TranscodeSchema>;

const { MP4, WEBM } = MediaContainer;
const { signal } = new AbortController();
const images = new ImageWorkers({ processes: 1 });
let folder: string;
const at = (name: string) => join(folder, name);
const run = (program: string, ...args: string[]) => promisify(execFile)(program, ["-v", "error", ...args]);
const ffmpeg = (...args: string[]) => run("ffmpeg", "-y", ...args);
const lavfi = (graph: string) => ["-f", "lavfi", "-i", graph];
const X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];

async function made(name: string, settings: Settings = {}, av1: Av1Encoder = "libsvtav1") {
  const source = { path: at(name), probe: await probe(at(name), { signal }) };
  const defaults = { container: MP4, background: "#000000", deinterlace: Deinterlace.AUTO };
  const normalised = create(TranscodeSchema, { ...defaults, crf: 12, ...settings });
  const { payloadPath } = await transcode(source, normalised, { signal, tempDir: folder, images, av1, track: 0 });
  return payloadPath;
}

/** What ffprobe shows of the first picture stream, or of its frames or packets, as lines. */
async function shown(path: string, entries: string): Promise<string[]> {
  const { stdout } = await run("ffprobe", "-select_streams", "v", "-show_entries", entries, "-of", "csv=p=0", path);
  return stdout.trim().split(/,?\s*\n/);
}

/** The mean colour of a part of a frame in the middle, as players show it: BT.709. */
async function colourOf(path: string, crop: string): Promise<number[]> {
  const filter = `crop=${crop},scale=1:1:flags=area:in_color_matrix=bt709,format=rgb24`;
  await ffmpeg("-ss", "0.5", "-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", at("pixel.rgb"));
  return [...(await readFile(at("pixel.rgb")))];
}

const near = (colour: readonly number[], tolerance = 4) =>
  colour.map((value) => expect.toSatisfy((found: number) => Math.abs(found - value) <= tolerance, `near ${value}`));

const PATCHES = [
  [128, 128, 128],
  [128, 32, 32],
  [32, 128, 32],
  [32, 32, 128],
];

/** Four patches of SDR colours in HDR, at its reference white: those that tone mapping leaves as they are. */
function inHdr(transfer: string): string {
  const patches = PATCHES.map((rgb) => `color=0x${Buffer.from(rgb).toString("hex")}:s=64x64:r=25:d=1`);
  const inputs = patches.map((patch, i) => `${patch}[p${i}]`).join(";");
  const labels = patches.map((_, i) => `[p${i}]`).join("");
  const declared = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc";
  const linear = "zscale=min=gbr:tin=bt709:pin=bt709:rin=full:t=linear:npl=203,format=gbrpf32le";
  const hdr = `zscale=tin=linear:t=${transfer}:p=bt2020:m=bt2020nc:r=tv:npl=203,format=yuv420p10le`;
  return `${inputs};${labels}hstack=4,format=gbrp,${declared},${linear},${hdr}`;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-transcode-sources-"));
  const x265 = ["-c:v", "libx265", "-x265-params", "log-level=error", "-crf", "8"];
  const hdr = (transfer: string, name: string) => {
    const tags = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"];
    return ffmpeg("-filter_complex", inHdr(transfer), ...x265, ...tags, at(name));
  };
  const translucent = (alpha: number, name: string, options: string[]) =>
    ffmpeg(...lavfi(`color=red@${alpha}:s=64x64:r=25:d=1,format=rgba`), ...options, at(name));
  const sines = [1, 2, 3, 4, 5, 6].map((i) => `sine=frequency=${200 * i}:duration=1:sample_rate=48000[s${i}]`);
  const map = ["FL", "FR", "FC", "LFE", "BL", "BR"].map((channel, i) => `${i}.0-${channel}`).join("|");
  const surround = `${sines.join(";")};[s1][s2][s3][s4][s5][s6]join=inputs=6:channel_layout=5.1:map=${map}[a]`;
  await Promise.all([
    hdr("smpte2084", "pq.mp4"),
    hdr("arib-std-b67", "hlg.mp4"),
    ffmpeg(
      // Upright bars that move sideways: all lines of a picture are alike, unless they belong to two moments.
      ...lavfi("nullsrc=s=192x108:r=50:d=1,geq=lum='if(lt(mod(X+4*N,48),24),40,200)':cb=128:cr=128"),
      ...["-vf", "interlace=lowpass=0", "-flags", "+ilme+ildct", "-crf", "12", ...X264, at("interlaced.mp4")],
    ),
    translucent(0, "clear.mov", ["-c:v", "qtrle"]),
    translucent(0.5, "half.mov", ["-c:v", "qtrle"]),
    translucent(0.5, "half.webm", ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p"]),
    translucent(1, "opaque.webm", ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p"]),
    ffmpeg(...lavfi("testsrc=s=101x67:r=25:d=1"), "-c:v", "libx264", "-pix_fmt", "yuv444p", at("odd.mp4")),
    ffmpeg(...lavfi("testsrc2=s=96x64:r=25:d=1"), "-c:v", "libx264", "-pix_fmt", "yuv420p10le", at("ten.mp4")),
    ffmpeg(
      ...lavfi("testsrc2=s=96x64:r=25:d=1"),
      ...["-filter_complex", surround, "-map", "0:v", "-map", "[a]", ...X264, "-c:a", "ac3", at("surround.mkv")],
    ),
    // Pictures that last one to four frames of 30 a second.
    ffmpeg(
      ...lavfi("testsrc2=s=96x64:r=30:d=2"),
      ...["-vf", "select='not(mod(n,7))+lt(mod(n,5),2)'", "-fps_mode", "vfr", ...X264, at("varying.mp4")],
    ),
    // Red above, blue below.
    ffmpeg(
      ...["-filter_complex", "color=red:s=96x32:r=25:d=1[r];color=blue:s=96x32:r=25:d=1[b];[r][b]vstack", ...X264],
      at("upright.mp4"),
    ),
  ]);
  // A quarter turn clockwise for display.
  await ffmpeg("-display_rotation", "270", "-i", at("upright.mp4"), "-c", "copy", at("turned.mp4")).catch(() =>
    ffmpeg("-i", at("upright.mp4"), "-c", "copy", "-metadata:s:v", "rotate=90", at("turned.mp4")),
  );
});
afterAll(async () => {
  await images.close();
  await rm(folder, { recursive: true, force: true });
});

describe("HDR becomes SDR with its colours, and is tagged so", () => {
  it.each([
    ["pq.mp4", {}],
    ["hlg.mp4", {}],
    ["pq.mp4", { container: WEBM }],
    ["pq.mp4", { container: WEBM, videoCodec: VideoCodec.AV1 }],
  ])("%s as %j", async (name, settings) => {
    const path = await made(name, settings);
    for (const [i, patch] of PATCHES.entries())
      expect(await colourOf(path, `32:32:${64 * i + 16}:16`)).toEqual(near(patch, 5));
    const entries = "stream=pix_fmt,color_range,color_space,color_transfer,color_primaries";
    expect(await shown(path, entries)).toEqual(["yuv420p,tv,bt709,bt709,bt709"]);
  });
});

it("deinterlaces to one picture for each frame, without combs", async () => {
  /** How much neighbouring lines differ, on average of all pixels. */
  const combs = async (path: string) => {
    await ffmpeg("-i", path, "-pix_fmt", "gray", "-f", "rawvideo", at("lines.gray"));
    const pixels = await readFile(at("lines.gray"));
    const below = pixels.subarray(192);
    return below.reduce((sum, value, i) => sum + Math.abs(value - (pixels[i] ?? 0)), 0) / below.length;
  };
  expect(await combs(at("interlaced.mp4"))).toBeGreaterThan(15);
  const path = await made("interlaced.mp4");
  expect(await combs(path)).toBeLessThan(1.5);
  const times = await shown(path, "frame=pts_time,interlaced_frame");
  expect(times.map((line) => line.split(",").map(Number).slice(0, 2))).toEqual(
    Array.from({ length: 25 }, (_, i) => [expect.closeTo(i / 25, 3), 0]),
  );
});

describe("transparent pictures are laid over the background", () => {
  it.each([
    ["clear.mov", [32, 64, 128]],
    ["half.mov", [144, 32, 64]],
    ["half.webm", [144, 32, 64]],
    ["opaque.webm", [255, 0, 0]],
  ])("%s", async (name, colour) => {
    const path = await made(name, { background: "#204080" });
    expect(await colourOf(path, "64:64:0:0")).toEqual(near(colour, 6));
  });

  it("unless they are copied", async () => {
    const path = await made("half.webm", { container: WEBM, videoCodec: VideoCodec.COPY, crf: undefined });
    expect((await probe(path, { signal })).video?.pixels?.alpha).toBe(true);
  });

  it("with bars of the same colour", async () => {
    const path = await made("opaque.webm", { width: 128, height: 64, fit: VideoFit.PAD, background: "#204080" });
    expect(await colourOf(path, "16:64:8:0")).toEqual(near([32, 64, 128]));
    expect(await colourOf(path, "32:32:48:16")).toEqual(near([255, 0, 0]));
  });
});

it.each(["#00ff00", "#0000ff", "#ff8000"])("adds bars of exactly %s", async (background) => {
  const path = await made("ten.mp4", { width: 96, height: 128, fit: VideoFit.PAD, background });
  const colour = [...Buffer.from(background.slice(1), "hex")];
  for (const y of [4, 108]) expect(await colourOf(path, `96:16:0:${y}`)).toEqual(near(colour, 3));
});

describe("sound of six channels", () => {
  /** Levels of each channel's own tone in each channel of the result, in dB. */
  const loudest = async (path: string, channel: number) => {
    const levels = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (i) => {
        const filter = `pan=mono|c0=c${channel},bandpass=f=${200 * i}:w=20,bandpass=f=${200 * i}:w=20,volumedetect`;
        const { stderr } = await promisify(execFile)("ffmpeg", ["-i", path, "-af", filter, "-f", "null", "-"]);
        return Number(/mean_volume: (\S+) dB/.exec(stderr)?.[1]);
      }),
    );
    const most = Math.max(...levels);
    return levels.flatMap((level, i) => (level > most - 15 ? [i + 1] : []));
  };

  it.each([
    ["AAC", MP4],
    ["Opus", WEBM],
  ])("is kept on request, each in its place: %s", async (_, container) => {
    const path = await made("surround.mkv", { container, channels: 6 });
    expect((await probe(path, { signal })).audio?.channels).toBe(6);
    // An encoder of the fourth, for low tones, may drop its tone of 800 Hz.
    for (const channel of [0, 1, 2, 4, 5]) expect(await loudest(path, channel)).toEqual([channel + 1]);
  });

  it("becomes stereo: left, right, and the centre on both", async () => {
    const path = await made("surround.mkv");
    expect((await probe(path, { signal })).audio?.channels).toBe(2);
    expect(await loudest(path, 0)).toEqual([1, 3, 5]);
    expect(await loudest(path, 1)).toEqual([2, 3, 6]);
  });
});

describe("unusual pictures", () => {
  it("of 10 bits are encoded in 8, although their codec fits", async () => {
    expect(await shown(await made("ten.mp4", { crf: undefined }), "stream=pix_fmt")).toEqual(["yuv420p"]);
  });

  it.each<[Settings, Av1Encoder?]>([
    [{}],
    [{ videoCodec: VideoCodec.HEVC }],
    [{ container: WEBM }],
    [{ container: WEBM, videoCodec: VideoCodec.AV1 }, "libsvtav1"],
    [{ container: WEBM, videoCodec: VideoCodec.AV1 }, "libaom-av1"],
  ])("of odd sides become even: %j %s", async (settings, av1) => {
    const path = await made("odd.mp4", settings, av1);
    expect(await shown(path, "stream=width,height")).toEqual(["102,68"]);
    expect((await ffmpeg("-i", path, "-f", "null", "-")).stderr).toBe("");
  });

  it("too small for AV1 are refused", async () => {
    const asked = made("odd.mp4", { container: WEBM, videoCodec: VideoCodec.AV1, height: 32 });
    await expect(asked).rejects.toMatchObject({ failure: { field: "videoCodec", reason: /from 64x64 pixels on/ } });
  });

  it("turned for display become upright", async () => {
    const path = await made("turned.mp4");
    expect(await shown(path, "stream=width,height")).toEqual(["64,96"]);
    const halves = async (file: string) => [await colourOf(file, "16:96:4:0"), await colourOf(file, "16:96:44:0")];
    const [left = [], right = []] = await halves(at("turned.mp4")); // ffmpeg turns it, as players do; it has no colour tags.
    expect(left[0]).not.toBeCloseTo(right[0] ?? 0, -2);
    expect(await halves(path)).toEqual([near(left, 30), near(right, 30)]);
  });

  const timesOf = async (path: string) => (await shown(path, "packet=pts_time")).map(Number).sort((a, b) => a - b);

  it.each<[Settings, Av1Encoder?]>([
    [{}],
    [{ container: WEBM }],
    [{ container: WEBM, videoCodec: VideoCodec.AV1 }, "libsvtav1"],
    [{ container: WEBM, videoCodec: VideoCodec.AV1 }, "libaom-av1"],
  ])("of a variable rate keep their times: %j %s", async (settings, av1) => {
    const times = await timesOf(at("varying.mp4"));
    expect(times.length).toBeGreaterThan(20);
    // WebM rounds to milliseconds.
    expect(await timesOf(await made("varying.mp4", settings, av1))).toEqual(
      times.map((time) => expect.closeTo(time, 2)),
    );
  });

  it("of a variable rate have a constant one on request", async () => {
    const times = await timesOf(await made("varying.mp4", { fps: 30 }));
    expect(times).toEqual(times.map((_, i) => expect.closeTo(i / 30, 3)));
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runFfmpeg } from "../ffmpeg/run.js";
import { probe } from "./probe.js";
import { requireAudio, requireStill, requireVideo } from "./require.js";

const signal = new AbortController().signal;
let folder: string;
const at = (name: string) => join(folder, name);
const probed = (name: string) => probe(at(name), { signal });

const picture = "testsrc2=size=64x48:rate=25:duration=1";
const sound = "sine=frequency=440:duration=1.5:sample_rate=44100";

/** Makes media; the extension selects the kind. */
async function make(name: string, lavfi: string[], options: string[] = []): Promise<void> {
  const outputs = [{ file: at(name), options: [...lavfi.flatMap((_, i) => ["-map", `${i}`]), ...options] }];
  await runFfmpeg({
    inputs: lavfi.map((graph) => ({ lavfi: graph })),
    outputs,
    signal,
    deadlineSeconds: 30,
    maxOutputBytes: 1e7,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-probe-"));
  await make("both.mp4", [picture, sound]);
  await make("both.webm", [picture, sound], ["-c:v", "libvpx", "-c:a", "libvorbis"]);
  await make("sound.mp3", [sound]);
  await make("still.png", [picture], ["-frames:v", "1"]);
  await make("still.jpg", [picture], ["-frames:v", "1"]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("probe", () => {
  it("describes a video", async () => {
    const found = await probed("both.mp4");
    expect(found).toMatchObject({
      container: expect.stringContaining("mp4"),
      video: { codec: "h264", width: 64, height: 48, frameRate: 25, startSeconds: 0, durationSeconds: 1, still: false },
      audio: { codec: "aac", channels: 1, sampleRate: 44100, startSeconds: 0 },
    });
    expect(found.audio?.durationSeconds).toBeCloseTo(1.5, 2);
    expect(found.sizeBytes).toBe((await readFile(at("both.mp4"))).length);
  });

  it("refuses encrypted media", async () => {
    const key = "76a6c65c5ea762046bd749a2e632ccbb";
    const protect = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key];
    await make("protected.mp4", [picture, sound], protect);
    await expect(probed("protected.mp4")).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: expect.stringContaining("encrypted") },
    });
  });

  it("finds each stream's length if the container states only the file's", async () => {
    const found = await probed("both.webm");
    expect(found.video?.durationSeconds).toBeCloseTo(1, 2);
    expect(found.audio?.durationSeconds).toBeCloseTo(1.5, 1);
  });

  it("finds the length of a live recording without a stated one", async () => {
    const chunks: Buffer[] = [];
    await runFfmpeg({
      inputs: [{ file: at("both.webm") }],
      outputs: [{ stdout: true, options: ["-c", "copy", "-f", "webm", "-live", "1"] }],
      onStdout: (chunk) => {
        chunks.push(chunk);
      },
      signal,
      deadlineSeconds: 30,
      maxOutputBytes: 1e7,
    });
    await writeFile(at("live.webm"), Buffer.concat(chunks));
    expect((await probed("live.webm")).video?.durationSeconds).toBeCloseTo(1, 2);
  });

  it.each(["still.png", "still.jpg"])("recognises %s as a still, whatever its name", async (name) => {
    await writeFile(at("nameless%03d"), await readFile(at(name)));
    for (const path of [name, "nameless%03d"]) {
      expect((await probed(path)).video).toMatchObject({ width: 64, height: 48, still: true, durationSeconds: 0 });
    }
  });

  it.each<[string, string[], string[]]>([
    ["an old card's codec as picture", [picture], ["-c:v", "asv1"]],
    ["a recorder's codec as picture", [picture], ["-c:v", "zmbv"]],
    [
      "an unknown audio codec",
      [picture, sound],
      ["-c:v", "libx264", "-c:a", "g723_1", "-ar", "8000", "-ac", "1", "-b:a", "6300"],
    ],
  ])("refuses %s", async (_what, lavfi, options) => {
    await make("foreign.mkv", lavfi, options);
    await expect(probed("foreign.mkv")).rejects.toMatchObject({
      code: "invalid",
      failure: { reason: "The file has a picture or sound in a codec that is not accepted." },
    });
  });

  it("accepts the subtitles and attachments of films", async () => {
    await writeFile(at("words.srt"), "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
    for (const [name, codec] of [
      ["subtitled.mp4", "mov_text"],
      ["subtitled.mkv", "ass"],
      ["subtitled.webm", "webvtt"],
    ] as const) {
      const webm = name.endsWith("webm");
      await runFfmpeg({
        inputs: [{ file: at(webm ? "both.webm" : "both.mp4") }, { file: at("words.srt") }],
        outputs: [{ file: at(name), options: ["-map", "0", "-map", "1", "-c", "copy", "-c:s", codec] }],
        signal,
        deadlineSeconds: 30,
        maxOutputBytes: 1e7,
      });
      expect((await probed(name)).video?.width).toBe(64);
    }
  });

  it("stops after an abort", async () => {
    await expect(probe(at("both.mp4"), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("refuses unusable files:", () => {
  const cut = async (name: string, bytes: number) => (await readFile(at(name))).subarray(0, bytes);

  it.each<[string, () => Promise<Uint8Array | string>, RegExp]>([
    ["an empty file", async () => "", /^The file is empty/],
    ["a text", async () => "hello\n".repeat(50), /^The file is text/],
    ["a web page", async () => "<!doctype html><p>404", /^The file is a web page/],
    ["a drawing", async () => "<svg/>", /SVG/],
    ["a video without its index", () => cut("both.mp4", 3000), /incomplete|damaged/],
    ["a picture that breaks off", () => cut("still.png", 300), /damaged or incomplete/],
    ["a photo that breaks off", () => cut("still.jpg", 1500), /damaged or incomplete/],
    ["noise", async () => Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31) % 251)), /not media/],
  ])("%s, with a reason and a remedy", async (_what, content, reason) => {
    await writeFile(at("bad"), await content());
    await expect(probed("bad")).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(reason),
      failure: { remedy: expect.stringMatching(/./) },
    });
  });

  it("an MP4 of one track truncated within its tables, as incomplete", async () => {
    await make("picture.mp4", [picture]);
    const whole = await readFile(at("picture.mp4"));
    const tables = whole.indexOf("moov") - 4;
    for (let end = tables + 200; end < whole.length; end += 100) {
      await writeFile(at("bad.mp4"), whole.subarray(0, end));
      await expect(probed("bad.mp4"), `${end} of ${whole.length} bytes`).rejects.toMatchObject({
        code: "invalid",
        message: expect.stringMatching(/incomplete/),
      });
    }
  });

  it("a damaged MP4 as damaged, wherever ffmpeg fails", async () => {
    const whole = await readFile(at("both.mp4"));
    const overwritten = (box: string, offset: number, bytes: number[]) => {
      const copy = Buffer.from(whole);
      copy.set(bytes, copy.indexOf(box) + offset);
      return copy;
    };
    const cases: [Buffer, RegExp][] = [
      [whole.subarray(0, -1000), /incomplete/],
      [overwritten("stsz", 12, [0x7f, 0xff, 0xff, 0xff]), /damaged: its tables/],
      [overwritten("stts", 8, [0xff, 0xff, 0xff, 0xff]), /damaged: its tables/],
      [overwritten("stco", 12, [0, 0xff, 0xff, 0xff]), /damaged: no picture/],
      [overwritten("stsd", 16, [0xff, 0xff, 0xff, 0xff]), /damaged: it has no name of a codec/],
      [overwritten("avcC", 4, [0, 0, 0, 0, 0, 0]), /damaged: no picture/],
    ];
    for (const [bytes, reason] of cases) {
      await writeFile(at("damaged.mp4"), bytes);
      await expect(probed("damaged.mp4")).rejects.toMatchObject({
        code: "invalid",
        failure: { reason: expect.stringMatching(reason) },
      });
    }
  });

  it("a missing file as not found", async () => {
    await expect(probed("nowhere")).rejects.toMatchObject({ code: "not_found" });
  });

  it("the wrong kind of media, naming the required kind", async () => {
    const [both, still, mp3] = await Promise.all([probed("both.mp4"), probed("still.png"), probed("sound.mp3")]);
    expect(requireVideo(both).codec).toBe("h264");
    expect(requireStill(still).codec).toBe("png");
    expect(requireAudio(mp3).codec).toBe("mp3");
    expect(() => requireVideo(still)).toThrow("The file is a still picture, not a video.");
    expect(() => requireVideo(mp3)).toThrow("The file has sound but no picture.");
    expect(() => requireStill(both)).toThrow("The file is a video, not a still picture.");
    expect(() => requireAudio(still)).toThrow("The file has no sound.");
  });
});

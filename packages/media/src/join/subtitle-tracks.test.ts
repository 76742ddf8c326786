import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { ClipIndexSchema, joinOf, SoundIndexSchema, type SubtitleTrack, SubtitleTrackSchema } from "@polyreel/contract";
import { describe, expect, test } from "vitest";
import { runFfmpeg, runFfprobe } from "../ffmpeg/run.js";
import { srt } from "../operations/srt.js";
import { certify } from "./certificate.js";
import { type Layout, layOut } from "./layout.js";
import { readLayout } from "./read.js";
import { readSubtitles } from "./read-subtitles.js";

const FRAMES = 90; // 3 s.
const SAMPLES = 3 * 48_000;
const clip = {
  hash: "c".repeat(64),
  index: create(ClipIndexSchema, {
    ...{ width: 720, height: 1280, timescale: 30_000, sampleDuration: 1000 },
    decoderConfig: Buffer.from("014d400affe1000467427a", "hex"),
    sizes: Array.from({ length: FRAMES }, () => 10),
    compositionOffsets: Array.from({ length: FRAMES }, () => 2000),
    keyFrames: [0],
  }),
};
const sound = {
  hash: "5".repeat(64),
  index: create(SoundIndexSchema, {
    ...{ sampleRate: 48_000, channels: 2, decoderConfig: Buffer.from([0x11, 0x90]), delay: 1024 },
    sizes: Array.from({ length: Math.ceil((SAMPLES + 1024) / 1024) }, () => 1),
    samples: BigInt(SAMPLES),
    ...{ loudnessLufs: -17, truePeakDbtp: -1.2, predictedMinLufs: -19, predictedMaxLufs: -16.5 },
  }),
};

type Times = readonly [startMilliseconds: number, endMilliseconds: number, ...lines: string[]];
const track = (language: string, ...cues: Times[]): SubtitleTrack =>
  create(SubtitleTrackSchema, {
    language,
    cues: cues.map(([startMilliseconds, endMilliseconds, ...lines]) => ({ startMilliseconds, endMilliseconds, lines })),
  });
const ENGLISH = track(
  "en-US",
  [0, 900, "Everything is half price", "today."],
  [1200, 2400, "<i>Come</i> in & look 🎉"],
);
const ARABIC = track("ar", [0, 900, "كل شيء بنصف السعر"], [900, 3000, "اليوم."]);
const laid = (...tracks: SubtitleTrack[]) => layOut([clip], sound, {}, tracks);

/** The layout as a file, with zeros for the payloads of parts. */
async function withFile<T>(layout: Layout, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "subtitles-"));
  try {
    const path = join(folder, "video.mp4");
    const file = await open(path, "wx");
    const zeros = { read: async (_: string, __: string, from: number, to: number) => Buffer.alloc(to - from) };
    const parts = { ...zeros, readObject: async () => undefined };
    for await (const bytes of readLayout(layout, parts, 0, layout.sizeBytes)) await file.write(bytes);
    await file.close();
    return await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const bounds = { signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 20 };
const probe = (layout: Layout, ...options: string[]) =>
  withFile(layout, async (path) => JSON.parse(await runFfprobe([...options, "-of", "json", path], bounds)));
const extracted = (layout: Layout, stream: number) =>
  withFile(layout, async (path) => {
    const chunks: Buffer[] = [];
    const options = ["-map", `0:s:${stream}`, "-f", "srt"];
    const onStdout = (chunk: Buffer) => void chunks.push(chunk);
    await runFfmpeg({ ...bounds, inputs: [{ file: path }], outputs: [{ stdout: true, options }], onStdout });
    return Buffer.concat(chunks).toString("utf8");
  });

describe("the tracks of subtitles", () => {
  test("are listed by ffprobe, off, with their languages, after picture and sound", async () => {
    const { streams } = await probe(laid(ENGLISH, ARABIC), "-show_streams");
    expect(streams.map((one: { codec_name: string }) => one.codec_name)).toEqual([
      "h264",
      "aac",
      "mov_text",
      "mov_text",
    ]);
    expect(streams.slice(2)).toMatchObject([
      { tags: { language: "eng", handler_name: "Subtitles en-US" }, disposition: { default: 0 } },
      { tags: { language: "ara", handler_name: "Subtitles ar" }, disposition: { default: 0 } },
    ]);
  });

  test("are read by ffmpeg as the cues that they were made of", async () => {
    const layout = laid(ENGLISH, track("de", [100, 101, "0 & 1"], [2999, 3000, "Ende"]));
    const plain = (text: string) => text.replaceAll("\r", "");
    expect(plain(await extracted(layout, 1))).toBe(
      plain(
        srt([
          { startMilliseconds: 100, endMilliseconds: 101, lines: ["0 & 1"] },
          { startMilliseconds: 2999, endMilliseconds: 3000, lines: ["Ende"] },
        ]),
      ),
    );
    const english = plain(await extracted(layout, 0));
    expect(english).toContain("00:00:00,000 --> 00:00:00,900\nEverything is half price\ntoday.\n");
    expect(english).toContain("00:00:01,200 --> 00:00:02,400\n");
  });

  test("change neither packets nor durations of picture and sound, even if the last cue ends later", async () => {
    const shown = [
      "-show_entries",
      "packet=stream_index,pts,dts,duration,size,flags",
      "-show_entries",
      "format=duration",
    ];
    const [with_, without] = [laid(track("en", [0, 3400, "Late."])), layOut([clip], sound)];
    const [one, other] = [await probe(with_, ...shown), await probe(without, ...shown)];
    const av = (probed: { packets: { stream_index: number }[] }) => probed.packets.filter((p) => p.stream_index < 2);
    const byStream = (probed: { packets: { stream_index: number }[] }, stream: number) =>
      probed.packets.filter((packet) => packet.stream_index === stream);
    expect(av(one)).toHaveLength(av(other).length);
    for (const stream of [0, 1]) expect(byStream(one, stream)).toEqual(byStream(other, stream));
    expect(one.format.duration).toBe(other.format.duration);
  });

  test("precede the second in which they begin", () => {
    const { segments } = laid(ENGLISH);
    const kinds = segments.map(({ kind, start, end }) => `${kind} ${end - start}`);
    // Two cues, two gaps; the second cue begins in the second second, and the last gap in the third.
    expect(kinds.filter((kind) => kind.startsWith("literal"))).toHaveLength(3);
    expect(kinds[0]).toMatch(/^literal/);
    expect(kinds[3]).toMatch(/^literal/);
  });

  test("are the same in ranges as in the whole file", async () => {
    const layout = laid(ENGLISH, ARABIC);
    const parts = {
      read: async (_: string, __: string, from: number, to: number) => Buffer.alloc(to - from),
      readObject: async () => undefined,
    };
    const read = async (from: number, to: number) => {
      const chunks: Buffer[] = [];
      for await (const chunk of readLayout(layout, parts, from, to)) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    };
    const whole = await read(0, layout.sizeBytes);
    expect(whole).toHaveLength(layout.sizeBytes);
    for (let from = layout.header.length - 3; from < layout.sizeBytes; from += 97) {
      const to = Math.min(from + 131, layout.sizeBytes);
      expect(await read(from, to)).toEqual(whole.subarray(from, to));
    }
  });
});

describe("the certificate", () => {
  test("states language, number and times of the cues", () => {
    const certificate = certify([clip], sound, laid(ENGLISH, ARABIC), [ENGLISH, ARABIC]);
    expect(joinOf(certificate)?.subtitleTracks).toMatchObject([
      { language: "en-US", cues: 2, startSeconds: 0, endSeconds: 2.4 },
      { language: "ar", cues: 2, startSeconds: 0, endSeconds: 3 },
    ]);
  });

  test("is refused to other cues than planned, and to damaged text", () => {
    expect(() => certify([clip], sound, laid(ENGLISH), [ARABIC])).toThrow("The subtitle tracks are not those planned.");
    expect(() => certify([clip], sound, layOut([clip], sound), [ENGLISH])).toThrow("not those planned");
    const layout = laid(ENGLISH);
    const literal = layout.segments.find(({ kind }) => kind === "literal");
    if (literal?.kind === "literal") literal.bytes[4] = 0x58;
    expect(() => certify([clip], sound, layout, [ENGLISH])).toThrow("not those planned");
  });

  test("covers files of more than four gigabytes", () => {
    const large = { ...clip, index: { ...clip.index, sizes: Array.from({ length: FRAMES }, () => 1e8) } };
    const layout = layOut([large], undefined, {}, [ENGLISH]);
    expect(layout.sizeBytes).toBeGreaterThan(9e9);
    expect(joinOf(certify([large], undefined, layout, [ENGLISH]))?.subtitleTracks[0]?.cues).toBe(2);
  });

  test("covers ten thousand cues", () => {
    const cues = Array.from({ length: 10_000 }, (_, i): Times => [i, i + 1, `${i}`]);
    const many = track("en", ...cues);
    const from = performance.now();
    const layout = laid(many);
    expect(joinOf(certify([clip], sound, layout, [many]))?.subtitleTracks[0]?.cues).toBe(10_000);
    expect(performance.now() - from).toBeLessThan(5000);
    expect(readSubtitles(layout)[0]?.cues.at(-1)).toEqual({
      startMilliseconds: 9999,
      endMilliseconds: 10_000,
      text: "9999",
    });
  });
});

test("a text of more than 65,535 bytes is refused", () => {
  expect(() => laid(track("en", [0, 100, "x".repeat(65_535)]))).not.toThrow();
  expect(() => laid(track("en", [0, 100, "x".repeat(65_536)]))).toThrow("65536 bytes");
});

test.each([
  ["en", "eng"],
  ["de-AT", "deu"],
  ["zh-Hant-TW", "zho"],
  ["gsw", "gsw"],
  ["", "und"],
])("the language %j is %j in players", async (tag, expected) => {
  const { streams } = await probe(laid(track(tag, [0, 100, "Hello"])), "-show_streams");
  expect(streams[2].tags.language).toBe(expected);
});

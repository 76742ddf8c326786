import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { SubtitleFormat, SubtitlesPlanSchema } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFfmpeg, runFfprobe } from "../ffmpeg/run.js";
import { type Cue, stackedCues, timedCues } from "./cues.js";
import { layOutSubtitles } from "./subtitles.js";

const signal = new AbortController().signal;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-subtitles-"));
});
afterAll(() => rm(folder, { recursive: true }));

const HOSTILE = [
  "a --> b & <b>c</b>",
  "00:00:01,000 --> 00:00:02,000",
  "2024",
  "{\\an8}x {y} &amp; &#65; 5 < 6 <3 > 4",
  "5 < 6 > 4 and 6 >= 5",
  "NOTE STYLE WEBVTT",
  "\u200fמבצע 50% היום",
  "👩‍👩‍👧 🎉",
  "{s:100}C:\\new \\Now {b} a\\b",
];
const cues: Cue[] = HOSTILE.map((text, i) => ({ startSeconds: i, endSeconds: i + 0.5, lines: [text] }));
const layOut = (format: "srt" | "vtt", speakers: Cue[][] = [cues]) =>
  layOutSubtitles(
    create(SubtitlesPlanSchema, {
      cues: stackedCues(speakers.map(timedCues)),
      format: format === "srt" ? SubtitleFormat.SRT : SubtitleFormat.VTT,
    }),
  );
const text = (format: "srt" | "vtt", speakers?: Cue[][]) => layOut(format, speakers).layout.header.toString("utf8");

describe("SubRip", () => {
  test("is formatted as players expect", () => {
    const two: Cue[] = [
      { startSeconds: 0.5, endSeconds: 1.25, lines: ["Half price,", "only today!"] },
      { startSeconds: 3600, endSeconds: 3661.0006, lines: ["AT&T: 3 < 4 > 2"] },
    ];
    expect(text("srt", [two])).toBe(
      "1\r\n00:00:00,500 --> 00:00:01,250\r\nHalf price,\r\nonly today!\r\n\r\n" +
        "2\r\n01:00:00,000 --> 01:01:01,001\r\nAT&T: 3 < 4 > 2\r\n\r\n",
    );
  });

  test("changes nothing visible", () => {
    const lines = text("srt")
      .split("\r\n")
      .filter((line) => line.includes("\u2060"));
    expect(lines.map((line) => line.replaceAll("\u2060", ""))).toEqual([
      ...[HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[8]],
    ]);
  });
});

test("WebVTT conforms to the standard", () => {
  expect(text("vtt", [cues.slice(0, 4)])).toBe(
    "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\na --&gt; b &amp; &lt;b&gt;c&lt;/b&gt;\n\n" +
      "00:00:01.000 --> 00:00:01.500\n00:00:01,000 --&gt; 00:00:02,000\n\n" +
      "00:00:02.000 --> 00:00:02.500\n2024\n\n" +
      "00:00:03.000 --> 00:00:03.500\n{\\an8}x {y} &amp;amp; &amp;#65; 5 &lt; 6 &lt;3 &gt; 4\n",
  );
});

describe.each(["srt", "vtt"] as const)("ffmpeg reads %s", (format) => {
  test("with every cue at its time, and unchanged text", async () => {
    const path = join(folder, `hostile.${format}`);
    await writeFile(path, text(format));
    const shown = ["-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"];
    const packets = (await runFfprobe([...shown, path], { signal })).trim().split("\n");
    expect(packets).toEqual(HOSTILE.map((_, i) => `${i}.000000,0.500000`));

    let ass = "";
    await runFfmpeg({
      inputs: [{ file: path }],
      outputs: [{ stdout: true, options: ["-f", "ass"] }],
      onStdout: (chunk) => {
        ass += chunk.toString("utf8");
      },
      signal,
      deadlineSeconds: 60,
      maxOutputBytes: 1 << 20,
    });
    const texts = ass.split(/\r?\n/).filter((line) => line.startsWith("Dialogue:"));
    const plain = texts.map((line) =>
      // ASS has the text after nine commas, and escapes braces, which would be commands.
      line
        .split(",")
        .slice(9)
        .join(",")
        .replaceAll("\u2060", "")
        .replace(/\\([{}])(?:\{\})?/g, "$1"),
    );
    expect(plain).toEqual(HOSTILE);
  });

  test("with thousands of cues", async () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({
      startSeconds: i * 0.7001,
      endSeconds: i * 0.7001 + 0.71,
      lines: [`${i}`],
    }));
    const { layout, certificate } = layOut(format, [many]);
    const path = join(folder, `many.${format}`);
    await writeFile(path, layout.header);
    expect(layout).toMatchObject({ segments: [], sizeBytes: layout.header.length });
    expect(certificate).toMatchObject({
      sizeBytes: BigInt(layout.header.length),
      operation: { case: "subtitles", value: { cues: 5000, startSeconds: 0, endSeconds: 3500.51 } },
    });
    const count = ["-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"];
    expect((await runFfprobe([...count, path], { signal })).trim()).toBe("5000");
  });
});

test.each([[[]], [[[]]], [[[{ startSeconds: 0, endSeconds: 1, lines: [" "] }]]]])(
  "without speech there are no cues: %j",
  (speakers) => {
    expect([text("srt", speakers), text("vtt", speakers)]).toEqual(["", "WEBVTT\n"]);
    expect(layOut("srt", speakers).certificate.operation.value).toMatchObject({ cues: 0, endSeconds: 0 });
  },
);

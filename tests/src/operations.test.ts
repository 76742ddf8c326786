import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { get as httpGet, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  CombinationState,
  type CombinationStatus,
  type DestinationSchema,
  Overrun,
  PictureFormat,
  Sound,
  SubtitleFormat,
} from "@polyreel/contract";
import { runFfprobe } from "@polyreel/media/ffmpeg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sound as DecodedSound } from "./gallery/listen.js";
import { BLUE, framesOf, isColour, RED } from "./gallery/look.js";
import { make, plain, tone } from "./gallery/make.js";
import { endOfRun, resumed } from "./rework/runs.js";
import { type Ended, labels, manifestOf, runBatch } from "./testing/batches.js";
import { footage, video, voice } from "./testing/blocks.js";
import { durationOf } from "./testing/duration.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

const { DELIVERED, FAILED } = CombinationState;
const SIZE = { width: 180, height: 320 };
const SENTENCE = "Everything is half price today. Come in and look around.";
const VOICE_FROM = 0.5;
/** Both: written, and generated from the parts alone. */
const TO: MessageInitShape<typeof DestinationSchema>[] = [
  { kind: { case: "folder", value: { path: "all" } } },
  { kind: { case: "virtual", value: {} } },
];
const { signal } = new AbortController();

let pipeline: Pipeline;
let ended: Ended;

beforeAll(async () => {
  pipeline = await startPipeline();
  const [red, blue] = await Promise.all([
    make(pipeline, "red.mp4", { picture: plain("red", 2), sound: tone(440, 2) }),
    make(pipeline, "blue.mp4", { picture: plain("blue", 4) }),
  ]);
  ended = await runBatch(pipeline, {
    naming: "{first}_{speaker}",
    canvas: { ...SIZE, frameRate: 30 },
    blocks: [
      video("first", { choices: [footage("red", red ?? ""), footage("still", red ?? "", { sound: Sound.MUTED })] }),
      video("second", { choices: [footage("blue", blue ?? "")] }),
      voice("speaker", {
        offset: durationOf(VOICE_FROM),
        choices: [
          { label: "half", text: SENTENCE, voice: "rms" },
          { label: "nobody", text: "" },
        ],
      }),
    ],
    outputs: [
      { to: TO },
      {
        operation: { case: "thumbnail", value: { at: durationOf(3), width: 90, format: PictureFormat.PNG } },
        to: TO,
      },
      { operation: { case: "contactSheet", value: { columns: 3, rows: 1, width: 45 } }, to: TO },
      { operation: { case: "subtitles", value: {} }, to: TO },
      { name: "web", operation: { case: "subtitles", value: { format: SubtitleFormat.VTT } }, to: TO },
      { operation: { case: "audio", value: {} }, to: TO },
    ],
  });
});
afterAll(() => pipeline?.close());

const inOut = (name: string) => join(pipeline.out, "all", name);
const written = (name: string) => readFile(inOut(name));
const combination = (label: string): CombinationStatus => {
  const found = ended.combinations.find((one) => labels(one) === label);
  if (!found) throw new Error(`No ${label}.`);
  return found;
};

/** Over a new connection: a persistent one may be closed by the time it is used again. */
async function get(urlPath: string, headers: Record<string, string> = {}) {
  const request = httpGet(pipeline.url + urlPath, { agent: false, headers });
  const [response]: IncomingMessage[] = await once(request, "response");
  if (!response) throw new Error("No response.");
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

/** Time, duration and hash of the packets of a file's first audio track. */
async function soundPackets(path: string): Promise<string[]> {
  const shown = [
    "-select_streams",
    "a:0",
    "-show_data_hash",
    "sha256",
    "-show_entries",
    "packet=pts,duration,data_hash",
  ];
  return (await runFfprobe([...shown, "-of", "csv=p=0", path], { signal })).trim().split("\n");
}

/** The times and texts of a subtitle file, as read by a player. */
async function cues(name: string): Promise<{ from: number; to: number; text: string }[]> {
  const text = (await readFile(inOut(name), "utf8")).replaceAll("\r", "");
  const seconds = (stamp = "") => {
    const [hours = 0, minutes = 0, rest = 0] = stamp.replace(",", ".").split(":").map(Number);
    return 3600 * hours + 60 * minutes + rest;
  };
  return text
    .split("\n\n")
    .filter((block) => block.includes("-->"))
    .map((block) => {
      const lines = block.split("\n");
      const at = lines.findIndex((line) => line.includes("-->"));
      const [from, to] = (lines[at] ?? "").split(" --> ");
      return {
        from: seconds(from),
        to: seconds(to),
        text: lines
          .slice(at + 1)
          .join(" ")
          .trim(),
      };
    });
}

it("delivers every output of a complete combination, in both destinations", () => {
  const { outputs, state } = combination("red/blue/half");
  expect(state).toBe(DELIVERED);
  expect(outputs.map(({ name, path, urlPath }) => [name, path, urlPath !== ""])).toEqual(
    [
      ["video", ".mp4"],
      ["poster", ".png"],
      ["sheet", ".sheet.jpg"],
      ["subtitles", ".srt"],
      ["web", ".vtt"],
      ["audio", ".m4a"],
    ].flatMap(([name, suffix]) => [
      [name, `all/red_half${suffix}`, true],
      [name, "", true],
    ]),
  );
});

describe("audio", () => {
  it("has the packets of the video's soundtrack, and its length", async () => {
    const packets = await soundPackets(inOut("red_half.m4a"));
    expect(packets.length).toBeGreaterThan(200);
    const withoutTimes = (all: string[]) => all.map((line) => line.split(",").at(-1));
    expect(withoutTimes(packets)).toEqual(withoutTimes(await soundPackets(inOut("red_half.mp4"))));
    const { streams } = JSON.parse(
      await runFfprobe(["-show_streams", "-of", "json", inOut("red_half.m4a")], { signal }),
    );
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ codec_name: "aac", start_pts: 0, duration_ts: 6 * 48_000 });
    const [alone, inVideo] = [
      await DecodedSound.of(inOut("red_half.m4a")),
      await DecodedSound.of(inOut("red_half.mp4")),
    ];
    expect(alone.tone(440, 0.05, 0.45)).toBeCloseTo(inVideo.tone(440, 0.05, 0.45), 9);
  });

  it("is certified with its loudness", () => {
    const { certificate } = combination("red/blue/half").outputs[10] ?? {};
    const value = { audioSeconds: 6, headerSha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(certificate?.operation).toMatchObject({ case: "audio", value });
  });

  it("fails alone, with a remedy, for a combination without sound", () => {
    const { outputs, state } = combination("still/blue/nobody");
    expect(state).toBe(FAILED);
    expect(outputs.filter((output) => output.state !== DELIVERED).map(({ name }) => name)).toEqual(["audio", "audio"]);
    expect(outputs[10]?.failure).toMatchObject({
      field: "outputs[5]",
      reason: "This combination has no audible sound, of which this output is made.",
    });
  });
});

describe("subtitles", () => {
  it("show the words while they are spoken", async () => {
    const shown = await cues("red_half.srt");
    expect(shown.map(({ text }) => text).join(" ")).toBe(SENTENCE);
    const stretches = (await DecodedSound.of(inOut("still_half.mp4"))).stretches(-45, 0.6);
    const [first, last] = [stretches[0], stretches.at(-1)];
    // Up to 0.2 s of a line is silence before the first word; a subtitle stays 0.4 s.
    expect(Math.abs((shown[0]?.from ?? 0) - (first?.from ?? 9))).toBeLessThan(0.25);
    const over = (shown.at(-1)?.to ?? 0) - (last?.to ?? 9);
    expect(over).toBeGreaterThan(0);
    expect(over).toBeLessThan(0.9);
    expect(shown.length).toBeGreaterThan(1);
    for (const [i, { from, to }] of shown.entries()) {
      expect(to).toBeGreaterThan(from);
      expect(from).toBeGreaterThanOrEqual(shown[i - 1]?.to ?? VOICE_FROM);
    }
  });

  it("are the same in both formats, which ffmpeg reads", async () => {
    expect(await cues("red_half.vtt")).toEqual(await cues("red_half.srt"));
    for (const [name, codec] of [
      ["red_half.srt", "subrip"],
      ["red_half.vtt", "webvtt"],
    ]) {
      const shown = ["-show_entries", "stream=codec_name", "-of", "csv=p=0", inOut(name ?? "")];
      expect((await runFfprobe(shown, { signal })).trim()).toBe(codec);
    }
  });

  it("are an empty file for a combination without speech", async () => {
    expect((await written("red_nobody.srt")).length).toBe(0);
    expect((await written("red_nobody.vtt")).toString()).toBe("WEBVTT\n");
    const { outputs } = combination("red/blue/nobody");
    expect(outputs.every(({ state }) => state === DELIVERED)).toBe(true);
    expect(outputs[6]?.certificate?.operation).toMatchObject({ case: "subtitles", value: { cues: 0 } });
  });
});

describe("pictures", () => {
  it("show the frames of the video", async () => {
    const [poster] = await framesOf(inOut("red_half.png"), { width: 90, height: 160 });
    expect(poster?.pixel(45, 80)).toSatisfy(isColour(BLUE));
    const [sheet] = await framesOf(inOut("red_half.sheet.jpg"), { width: 3 * 53 + 8, height: 96 });
    expect(sheet?.pixel(30, 48)).toSatisfy(isColour(RED));
    for (const column of [1, 2]) expect(sheet?.pixel(30 + column * 53, 48)).toSatisfy(isColour(BLUE));
  });
});

describe("the server", () => {
  it("serves each output with its content type, completely and by ranges", async () => {
    const types = ["video/mp4", "image/png", "image/jpeg", "application/x-subrip", "text/vtt", "audio/mp4"];
    const { outputs } = combination("red/blue/half");
    for (const [i, type] of types.entries()) {
      const { urlPath, path } = outputs[2 * i] ?? { urlPath: "", path: "" };
      expect(outputs[2 * i + 1]?.urlPath).toBe(urlPath);
      const bytes = await readFile(join(pipeline.out, path));
      const whole = await get(urlPath);
      expect(whole.headers).toMatchObject({ "content-type": type, "accept-ranges": "bytes" });
      expect(whole.body).toEqual(bytes);
      const part = await get(urlPath, { range: "bytes=10-29" });
      expect(part.status).toBe(206);
      expect(part.headers["content-range"]).toBe(`bytes 10-29/${bytes.length}`);
      expect(part.body).toEqual(bytes.subarray(10, 30));
    }
  });

  it("serves a file without subtitles", async () => {
    const { urlPath = "" } = combination("red/blue/nobody").outputs[6] ?? {};
    const { status, body } = await get(urlPath);
    expect([status, body.length]).toEqual([200, 0]);
  });
});

it("lists every file with its certificate", async () => {
  const rows = (await manifestOf(pipeline, "all")).filter(({ file }) => String(file).startsWith("red_half"));
  const certificates = new Map(rows.map(({ output, certificate }) => [output, certificate as object]));
  expect([...certificates.keys()]).toEqual(["video", "poster", "sheet", "subtitles", "web", "audio"]);
  expect(certificates.get("subtitles")).toMatchObject({ sha256: expect.any(String), cues: expect.any(Number) });
  expect(certificates.get("audio")).toMatchObject({ audioSeconds: 6, loudnessLufs: expect.any(Number) });
  expect(rows.find(({ output }) => output === "audio")?.durationSeconds).toBe(6);
});

it("restores lost outputs into another folder: sound is mixed again, subtitles follow from their plan", async () => {
  const { id } = combination("red/blue/half");
  const stored = join(pipeline.store, "tenants", "default");
  await rm(join(stored, "parts", "sound"), { recursive: true });
  await rm(join(stored, "outputs"), { recursive: true });
  const destination = { kind: { case: "folder" as const, value: { path: "again" } } };
  const run = await resumed(
    pipeline.batches.deliverCombinations({ batchId: ended.batchId, which: { combinationIds: [id] }, destination }),
  );
  await endOfRun(pipeline, ended.batchId, run, { withinSeconds: 120 });
  for (const suffix of [".mp4", ".png", ".sheet.jpg", ".srt", ".vtt", ".m4a"]) {
    const again = await readFile(join(pipeline.out, "again", `red_half${suffix}`));
    expect(again.equals(await written(`red_half${suffix}`)), suffix).toBe(true);
  }
});

it("encodes no clip for subtitles and sound alone", async () => {
  const red = await make(pipeline, "loud.mp4", { picture: plain("red", 1), sound: tone(440, 1) });
  const alone = await runBatch(pipeline, {
    blocks: [
      video("first", { choices: [footage("loud", red)] }),
      voice("speaker", { overrun: Overrun.EXTEND, choices: [{ label: "half", text: "Half price.", voice: "rms" }] }),
    ],
    outputs: [{ operation: { case: "subtitles", value: {} } }, { operation: { case: "audio", value: {} } }],
  });
  expect(alone.status).toMatchObject({ clips: { distinct: 0n }, soundtracks: { distinct: 1n } });
  expect(alone.combinations.map(({ path, outputs }) => [path, ...outputs.map((output) => output.path)])).toEqual([
    [".srt", ".srt", ".m4a"].map((suffix) => `${alone.batchId}/loud${suffix}`),
  ]);
});

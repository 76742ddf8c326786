import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { OriginSchema, RecordingSchema, type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { LoudnessProfile } from "@polyreel/media/sound";
import { Sources } from "@polyreel/parts/sources";
import { openFolderStore, type Store, sourceKey } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Engines } from "../engines/engines.js";
import { makeRecording } from "./make-recording.js";

const { signal } = new AbortController();
const TEXT = "Half price today";
const [source, words] = ["vo.wav", "vo.srt"].map((sourceName) =>
  create(OriginSchema, { block: "speaker", sourceName }),
);
const origins = { source, words };

let folder: string;
let store: Store;
let sources: Sources;
/** SHA-256 of each source. */
const put: Record<string, string> = {};
let spokenWords: readonly SpokenWord[];

async function putBytes(name: string, bytes: Uint8Array) {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await store.put(sourceKey(sha256), bytes);
  put[name] = sha256;
}

/** Converts the spoken line. */
async function putFile(name: string, inputs: readonly { lavfi: string }[], options: readonly string[]) {
  const file = join(folder, name);
  const line = { file: join(folder, "line.wav") };
  await runFfmpeg({
    ...{ inputs: [line, ...inputs], outputs: [{ file, options }], signal },
    ...{ deadlineSeconds: 60, maxOutputBytes: 1 << 26 },
  });
  await putBytes(name, await readFile(file));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-recording-"));
  store = await openFolderStore(join(folder, "store"));
  sources = new Sources(store, () => {});
  const line = await new Engines().speak({ voice: "slt", text: TEXT, rate: 1, pitch: 0, signal, tempDir: folder });
  spokenWords = line.words;
  await writeFile(join(folder, "line.wav"), await readFile(line.path));
  await putBytes("mono.wav", await readFile(line.path));
  const film = [{ lavfi: "testsrc2=size=64x64:rate=10:duration=3" }];
  const picture = ["-map", "1:v", "-map", "0:a", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  await putFile("vo.mp3", [], ["-c:a", "libmp3lame"]);
  await putFile("quiet.flac", [], ["-af", "volume=-30dB,adelay=1000:all=1", "-c:a", "flac"]);
  await putFile("film.mp4", film, picture);
  await putFile("silent.wav", [], ["-af", "volume=0"]);
  await putFile("mute.mp4", film, ["-map", "1:v", "-c:v", "libx264", "-pix_fmt", "yuv420p"]);
  await putBytes("broken.wav", Buffer.from("RIFF no sound"));
  await putBytes("vo.srt", Buffer.from("1\n00:00:00,100 --> 00:00:00,900\nhalf <b>price</b> today\n"));
  await putBytes("late.srt", Buffer.from("1\n00:01:00,000 --> 00:01:01,000\nhalf\n"));
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

async function made(source: string, more: MessageInitShape<typeof RecordingSchema> = {}, text = "", heard = "") {
  const tempDir = await mkdtemp(join(folder, "made-"));
  const transcribe = async () =>
    heard
      .split(" ")
      .map((word, i) => create(SpokenWordSchema, { text: word, startSeconds: i / 5, endSeconds: i / 5 + 0.1 }));
  const recording = create(RecordingSchema, { sourceSha256: put[source] ?? "", ...more });
  const part = await makeRecording(recording, text, { sources, origins, transcribe, signal, tempDir });
  if (part.index.kind?.case !== "pcm") throw new Error("The part is not PCM.");
  const { samples = 0n, words = [], loudnessLufs = [], wordsEstimated } = part.index.kind.value;
  expect((await stat(part.payloadPath)).size).toBe(Number(samples) * 8);
  const loudness = new LoudnessProfile({ samples, loudnessLufs }).integrated(0, Number(samples));
  const payload = await readFile(part.payloadPath);
  return { payload, loudness, seconds: Number(samples) / 48_000, words: words as SpokenWord[], wordsEstimated };
}
const texts = (words: readonly SpokenWord[]) => words.map(({ text }) => text);

it("decodes sound of any format, mono on both channels", async () => {
  const wav = await made("mono.wav");
  const values = new Float32Array(Uint8Array.from(wav.payload).buffer);
  for (let i = 0; i < values.length; i += 200) expect(values[i]).toBe(values[i + 1]);
  for (const other of ["vo.mp3", "film.mp4"]) {
    const { seconds, loudness } = await made(other);
    expect(Math.abs(seconds - wav.seconds)).toBeLessThan(0.05);
    expect(Math.abs(loudness - wav.loudness)).toBeLessThan(0.5);
  }
  expect(wav).toMatchObject({ words: [], wordsEstimated: false });
});

it("uses a stretch, counted in samples, with the words that are spoken in it", async () => {
  const { seconds, words } = await made("mono.wav", {
    start: 19_200n,
    samples: 24_000n,
    wordsSha256: put["vo.srt"] ?? "",
  });
  expect(seconds).toBe(0.5);
  expect(texts(words)).toEqual(["price", "today"]);
  expect(words[1]?.endSeconds).toBeCloseTo(0.5);
});

it("shows the text's words at the times of the file's", async () => {
  const { words, wordsEstimated } = await made("vo.mp3", { wordsSha256: put["vo.srt"] ?? "" }, "½ price, today!");
  expect(texts(words)).toEqual(["½", "price,", "today!"]);
  expect([words[0]?.startSeconds, words.at(-1)?.endSeconds, wordsEstimated]).toEqual([0.1, 0.9, false]);
});

it("shows the text's words at the times of a transcription", async () => {
  const { words, wordsEstimated } = await made(
    "mono.wav",
    { transcriber: "studio" },
    "½ price, today!",
    "half price today",
  );
  expect(words.map(({ text, startSeconds }) => [text, startSeconds])).toEqual([
    ["½", 0],
    ["price,", 0.2],
    ["today!", 0.4],
  ]);
  expect(wordsEstimated).toBe(false);
});

it("estimates the times of a text where it is heard", async () => {
  const { words, wordsEstimated } = await made("quiet.flac", {}, TEXT);
  expect(wordsEstimated).toBe(true);
  expect(texts(words)).toEqual(["Half", "price", "today"]);
  const [first, last] = [spokenWords[0], spokenWords.at(-1)];
  expect(Math.abs((words[0]?.startSeconds ?? 0) - 1 - (first?.startSeconds ?? 0))).toBeLessThan(0.2);
  expect(Math.abs((words.at(-1)?.endSeconds ?? 0) - 1 - (last?.endSeconds ?? 0))).toBeLessThan(0.25);
});

it.each([
  ["silent.wav", {}, '"vo.wav": The recording is silent'],
  ["mute.mp4", {}, '"vo.wav": The file has no sound'],
  ["broken.wav", {}, '"vo.wav": '],
  ["mono.wav", { track: 3 }, "no sound track 3"],
  ["mono.wav", { words: "late.srt" }, '"vo.srt", line 2: It lasts from 60.00 s to 61.00 s, but the recording is only'],
  ["mono.wav", { words: "film.mp4" }, '"vo.srt": It is no text in UTF-8.'],
])("refuses %s with %j", async (source, { words = "", ...more }: { words?: string; track?: number }, reason) => {
  await expect(made(source, { ...more, wordsSha256: put[words] ?? "" })).rejects.toMatchObject({
    code: "invalid",
    failure: { reason: expect.stringContaining(reason), remedy: expect.stringMatching(/\w/) },
  });
});

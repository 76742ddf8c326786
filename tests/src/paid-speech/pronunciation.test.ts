import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Overrun } from "@polyreel/contract";
import { type ProviderServer, startElevenLabsServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { failuresOf, runBatch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

// What is spoken may differ from what is shown.

let folder: string;
let server: ProviderServer;
let pipeline: Pipeline;
let film: ReturnType<typeof video>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-lexicon-"));
  server = await startElevenLabsServer();
  await writeFile(join(folder, "key"), "key");
  await writeFile(
    join(folder, "voices.yaml"),
    `eleven: {type: elevenlabs, credentials: key, endpoint: "${server.url}"}
house: {type: lexicon, words: {X1: x one, live: lyve}, language: en}
german: {type: lexicon, words: {today: heute}, language: de}
rival: {type: lexicon, words: {today: tonight}, tenants: [rival]}
`,
  );
  pipeline = await startPipeline({ POLYREEL_VOICES: join(folder, "voices.yaml") });
  const path = await makeFootage(pipeline.folder, "film.mp4", { size: "64x64", sound: false });
  film = video("film", { choices: [footage("film", await put(pipeline, path))] });
}, 120_000);
afterAll(async () => {
  await pipeline?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  server.spoken.length = 0;
});

type Choices = NonNullable<Parameters<typeof voice>[1]["choices"]>;
const TO = [{ kind: { case: "folder" as const, value: { path: "said" } } }];
const batchOf = (choices: Choices, lexicon: Record<string, string> = {}) => ({
  name: "said",
  lexicon,
  blocks: [film, voice("speaker", { overrun: Overrun.TRIM, choices })],
  outputs: [{ operation: { case: "subtitles" as const, value: {} }, to: TO }],
});
const billed = async (batch: ReturnType<typeof batchOf>) =>
  (await pipeline.batches.estimateBatch({ batch })).speech.map(({ characters, unspoken }) => [characters, unspoken]);
const requested = () => server.spoken.map(({ body }) => body.text);
/** The words of a combination's subtitles. */
async function subtitles(name: string): Promise<string> {
  const file = await readFile(join(pipeline.out, "said", `${name}.srt`), "utf8");
  return file
    .split("\r\n")
    .filter((line) => /[A-Za-z]/.test(line))
    .join(" ");
}

it("speaks what a line says and shows its text, and pays once for lines that say the same", async () => {
  const say = "ack-me x one today";
  const texts = { inc: "Acme Inc. X1 today", sign: "ACME™ X1 today" };
  const batch = batchOf(Object.entries(texts).map(([label, text]) => ({ label, text, say, voice: "Rachel" })));
  expect(await billed(batch)).toEqual([[18n, 18n]]);
  const { status } = await runBatch(pipeline, batch);
  expect(status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect(requested()).toEqual([say]);
  for (const [label, text] of Object.entries(texts)) expect(await subtitles(label)).toBe(text);
  expect(await billed(batch)).toEqual([[18n, 0n]]);
}, 120_000);

it("says words as the lexicons of batch and tenant have them, and speaks only lines with changed words anew", async () => {
  const texts = ["The ACME X1", "Acme, Live", "Nothing else today"];
  const choices = texts.map((text, i) => ({ label: `line${i}`, text, voice: "Rachel" }));
  const first = batchOf(choices, { ACME: "ack-me" });
  const said = ["The ack-me x one", "Acme, lyve", "Nothing else today"];
  const characters = BigInt(said.join("").length);
  expect(await billed(first)).toEqual([[characters, characters]]);
  expect((await runBatch(pipeline, first)).status.combinations).toMatchObject({ delivered: 3n, failed: 0n });
  expect(requested().sort()).toEqual(said.toSorted());
  for (const [i, text] of texts.entries()) expect(await subtitles(`line${i}`)).toBe(text);
  expect(await billed(first)).toEqual([[characters, 0n]]);

  server.spoken.length = 0;
  const changed = batchOf(choices, { ACME: "ackme" });
  expect((await runBatch(pipeline, changed)).status.combinations).toMatchObject({ delivered: 3n });
  expect(requested()).toEqual(["The ackme x one"]);
}, 120_000);

it("refuses a line that says something and shows nothing", async () => {
  const batch = batchOf([{ label: "silent", say: "ack-me" }]);
  await expect(pipeline.batches.estimateBatch({ batch })).rejects.toThrow(/say without a text/);
});

it("names lines that a model can't speak, in estimates as in batches, before anything is paid", async () => {
  const settings = { model: "eleven_flash_v2" };
  const faults = {
    long: /^The text has 210 characters, and the model "eleven_flash_v2" of the voice "Rachel" speaks at most 200/,
    foreign: /^The model "eleven_flash_v2" of the voice "Rachel" does not speak "de"/,
    unknown: /^The voice provider "eleven" has no model "eleven_v9" that speaks/,
    markup: /^This text has markup for speech, "<phoneme>"/,
  };
  const batch = batchOf([
    { label: "long", text: "word ".repeat(42), voice: "Rachel", settings },
    { label: "foreign", text: "Heute", voice: "Rachel", settings: { ...settings, language: "de" } },
    { label: "unknown", text: "Today", voice: "Rachel", settings: { model: "eleven_v9" } },
    { label: "markup", text: "Today", say: "<phoneme>today</phoneme>", voice: "Rachel" },
  ]);
  const estimate = await pipeline.batches.estimateBatch({ batch });
  const { combinations } = await runBatch(pipeline, batch);
  const failures = failuresOf(combinations);
  for (const [choice, reason] of Object.entries(faults)) {
    const failure = {
      block: "speaker",
      choice,
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(/\w/),
    };
    expect(failures.get(`film/${choice}`)).toMatchObject(failure);
    expect(estimate.failures.map(({ failure: expected }) => expected)).toContainEqual(expect.objectContaining(failure));
  }
  expect(estimate.speech).toEqual([]);
  expect(requested()).toEqual([]);
}, 120_000);

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FailureCode, Overrun } from "@polyreel/contract";
import { ACCOUNT, type ProviderServer, startElevenLabsServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { failuresOf, runBatch } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

// Voices come and go with the account of their provider.

let folder: string;
let server: ProviderServer;
let pipeline: Pipeline;
const account = [...ACCOUNT];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-vanished-"));
  server = await startElevenLabsServer(account);
  await writeFile(join(folder, "key"), "key");
  const file = join(folder, "voices.yaml");
  await writeFile(file, `eleven: {type: elevenlabs, credentials: key, endpoint: "${server.url}"}\n`);
  pipeline = await startPipeline({ POLYREEL_VOICES: file });
}, 120_000);
afterAll(async () => {
  await pipeline?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

const listed = () => pipeline.voices.listVoices({ engine: "eleven" });

it("names every line whose voice left the account after it was listed", async () => {
  const path = await makeFootage(pipeline.folder, "film.mp4", { size: "64x64", sound: false });
  const film = video("film", { choices: [footage("film", await put(pipeline, path))] });
  expect((await listed()).voices.map(({ name }) => name)).toContain("Rachel");
  account.splice(0, 1, ...ACCOUNT.slice(0, 1).map((one) => ({ ...one, voice_id: "another", name: "Rachael" })));
  const { combinations } = await runBatch(pipeline, {
    blocks: [
      film,
      voice("speaker", {
        overrun: Overrun.TRIM,
        choices: [
          { label: "one", text: "Half price", voice: "Rachel" },
          { label: "same", text: "½ price", say: "Half price", voice: "Rachel" },
          { label: "two", text: "Today only", voice: "Rachel" },
          { label: "other", text: "Today only", voice: "Drew" },
        ],
      }),
    ],
    outputs: [{ operation: { case: "subtitles", value: {} } }],
  });
  const failures = failuresOf(combinations);
  expect([...failures.keys()]).toEqual(["film/one", "film/same", "film/two"]);
  for (const choice of ["one", "same", "two"]) {
    expect(failures.get(`film/${choice}`)).toMatchObject({
      ...{ block: "speaker", choice, code: FailureCode.NOT_FOUND },
      reason: expect.stringMatching(/^The voice "Rachel" is gone/),
      remedy: expect.stringContaining("Did you mean Rachael?"),
    });
  }
}, 120_000);

it("lists the voices of a provider that is away since before the speech service started", async () => {
  const { voices } = await listed();
  await writeFile(join(folder, "key"), "wrong");
  await pipeline.services.tts.kill("SIGKILL");
  pipeline.start("tts");
  const isAnswered = async () => (await listed().catch(() => undefined))?.failures.length;
  await expect.poll(isAnswered, { timeout: 30_000, interval: 200 }).toBe(1);
  expect((await listed()).voices).toEqual(voices);
}, 60_000);

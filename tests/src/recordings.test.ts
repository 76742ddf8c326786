import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderServer, startOpenAiServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOfRun, resumed } from "./rework/runs.js";
import { endOf, failuresOf, labels, manifestOf, runBatch, submit } from "./testing/batches.js";
import { footage, text, video, voice } from "./testing/blocks.js";
import { makeBed, makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";

// Recordings as voices, from the sources to the subtitles.

const LIMIT = { withinSeconds: 120 };
const SRT = "1\n00:00:00,200 --> 00:00:01,800\n<i>Only fifty</i> dollars\n";

let folder: string;
let pipeline: Pipeline;
let provider: ProviderServer;
const files = new Map<string, Uint8Array>();
const web = createServer(({ url = "/" }, response) => {
  const bytes = files.get(url);
  if (bytes) response.end(bytes);
  else response.writeHead(404).end();
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-recordings-"));
  provider = await startOpenAiServer();
  const entry = `{type: openai, endpoint: "${provider.url}/v1", transcriptionModel: whisper-1, tenants: [default]}`;
  await writeFile(join(folder, "voices.yaml"), `studio: ${entry}\n`);
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  pipeline = await startPipeline({
    POLYREEL_FETCH_ALLOW: "127.0.0.1",
    POLYREEL_VOICES: join(folder, "voices.yaml"),
    POLYREEL_ACK_WAIT_SECONDS: "3", // The lines of a killed speech service are taken over soon.
  });
}, 120_000);
afterAll(async () => {
  await pipeline?.close();
  await provider?.close();
  web.close();
  await rm(folder, { recursive: true });
});

const stored = (sha256: string, name: string) => ({ name, location: { case: "sha256" as const, value: sha256 } });
const served = (path: string) => {
  const { port } = web.address() as AddressInfo;
  return { location: { case: "url" as const, value: `http://127.0.0.1:${port}/${path}` } };
};
/** May not transcribe. */
const tenant = "acme";
const putText = async (name: string, content: string) => {
  await writeFile(join(folder, name), content);
  return stored(await put(pipeline, join(folder, name)), name);
};

it("plays recordings as voices, with words of files and transcriptions, and asks for none twice", async () => {
  const film = await put(pipeline, await makeFootage(folder, "film.mp4", { seconds: 3, size: "64x64", sound: false }));
  const bed = await makeBed(folder, "vo.wav");
  const source = stored(await put(pipeline, bed), "vo.wav");
  const words = await putText("vo.srt", SRT);
  files.set("/fetched.wav", await readFile(await makeBed(folder, "fetched.wav", 2.5)));
  const batch = {
    blocks: [
      video("film", { choices: [footage("film", film)] }),
      voice("speaker", {
        choices: [
          { label: "file", source, words, text: "Only $50!" },
          { label: "heard", source: served("fetched.wav"), text: "½ price, today!" },
          { label: "trimmed", source, words: await putText("no.srt", SRT), trim: { start: { seconds: 1n } } },
          { label: "line 2", source, words: await putText("bad.srt", "1\n00:00:09,000 --> 00:00:10,000\nx\n") },
          { label: "soundless", source: stored(film, "film.mp4"), text: "Hi" },
          { label: "long", source: stored(await put(pipeline, await makeBed(folder, "long.wav", 5)), "long.wav") },
          { label: "missing", source: served("later.wav") },
        ],
      }),
      text("captions", { choices: [{ label: "on", captions: "speaker" }] }),
    ],
    outputs: [
      { operation: { case: "mp4" as const, value: {} } },
      { operation: { case: "subtitles" as const, value: {} } },
    ],
  };
  const ended = await runBatch(pipeline, batch, LIMIT);
  expect(ended.status.combinations).toMatchObject({ delivered: 3n, failed: 4n });
  const reasons = Object.fromEntries(
    [...failuresOf(ended.combinations)].map(([choices, failure]) => [choices.split("/")[1], failure?.reason ?? ""]),
  );
  expect(reasons).toEqual({
    "line 2": expect.stringMatching(
      /^"bad.srt", line 2: It lasts from 9.00 s to 10.00 s, but the recording is only 2.00 s/,
    ),
    soundless: expect.stringMatching(/^"film.mp4": The file has no sound/),
    long: expect.stringMatching(/^The voice speaks for 5.00 s from 0.00 s on/),
    missing: expect.stringContaining("404"),
  });
  expect(provider.spoken.map(({ path }) => path)).toEqual(Array(2).fill("/v1/audio/transcriptions")); // And "long".

  const subtitles = async (label: string) => {
    const one = ended.combinations.find((combination) => labels(combination).includes(label));
    const path = one?.outputs[1]?.path ?? expect.fail("There are no subtitles.");
    return (await readFile(join(pipeline.out, path), "utf8")).split("\r\n").slice(1, 3);
  };
  expect(await subtitles("file")).toEqual(["00:00:00,200 --> 00:00:02,200", "Only $50!"]);
  expect(await subtitles("heard")).toEqual(["00:00:00,000 --> 00:00:01,800", "½ price, today!"]);
  expect((await subtitles("trimmed"))[1]).toBe("dollars");

  // A retry takes what exists now; a forced replay and another batch ask for no transcription again.
  files.set("/later.wav", await readFile(bed));
  const { batchId } = ended;
  const retried = await endOfRun(pipeline, batchId, await resumed(pipeline.batches.retryBatch({ batchId })), LIMIT);
  expect(retried.status.combinations).toMatchObject({ delivered: 4n, failed: 3n });
  const asked = provider.spoken.length;
  const forced = await resumed(pipeline.batches.replayBatch({ batchId, force: true }));
  expect((await endOfRun(pipeline, batchId, forced, LIMIT)).status.combinations).toMatchObject({ delivered: 4n });
  expect((await runBatch(pipeline, batch, LIMIT)).status.combinations).toMatchObject({ delivered: 4n });
  expect(provider.spoken).toHaveLength(asked);

  // Sources of batches stay: the words too.
  await expect(pipeline.sources.deleteSource({ sha256: words.location.value })).rejects.toThrow(/use/);
}, 240_000);

it("warns of estimated and unknown words, where they are shown", async () => {
  const short = await makeFootage(folder, "short.mp4", { seconds: 2, size: "64x64", sound: false });
  const film = await put(pipeline, short, tenant);
  const source = stored(await put(pipeline, await makeBed(folder, "one.wav", 1), tenant), "one.wav");
  const { batchId } = await runBatch(
    pipeline,
    {
      tenant,
      blocks: [
        video("film", { choices: [footage("film", film)] }),
        voice("speaker", { choices: [{ label: "text", source, text: "Half price" }, { source }, { label: "none" }] }),
        text("captions", { choices: [{ label: "on", captions: "speaker" }, { label: "off" }] }),
      ],
    },
    LIMIT,
  );
  const lines = await manifestOf(pipeline, join("tenants", tenant, batchId));
  expect(lines.flatMap(({ choices, warnings }) => (warnings ? [{ choices, warnings }] : []))).toEqual([
    {
      choices: { film: "film", speaker: "text", captions: "on" },
      warnings: [expect.objectContaining({ choice: "text", reason: expect.stringContaining("are estimated") })],
    },
    {
      choices: { film: "film", speaker: "one", captions: "on" },
      warnings: [expect.objectContaining({ choice: "one", reason: expect.stringContaining("are not known") })],
    },
  ]);
}, 120_000);

it("asks again only for transcriptions that a kill has lost", async () => {
  const film = await put(pipeline, await makeFootage(folder, "kill.mp4", { seconds: 2, size: "64x64", sound: false }));
  const beds = await Promise.all([1.1, 1.2, 1.3].map((seconds) => makeBed(folder, `kill-${seconds}.wav`, seconds)));
  const choices = await Promise.all(
    beds.map(async (bed, i) => ({ source: stored(await put(pipeline, bed), `${i}.wav`) })),
  );
  provider.spoken.length = 0;
  provider.delayMs = 800;
  const batchId = await submit(pipeline, {
    blocks: [video("film", { choices: [footage("film", film)] }), voice("speaker", { choices })],
  });
  await expect.poll(() => provider.spoken.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await pipeline.services.tts.kill("SIGKILL");
  const inFlight = provider.spoken.filter(({ answered }) => !answered).length;
  pipeline.start("tts");
  const { status } = await endOf(pipeline, batchId, LIMIT);
  expect(status.combinations).toMatchObject({ delivered: 3n, failed: 0n });
  expect(provider.spoken.length).toBeLessThanOrEqual(3 + inFlight);
}, 120_000);

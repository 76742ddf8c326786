import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Overrun, ReworkFrom } from "@polyreel/contract";
import { startElevenLabsServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endOfRun, resumed } from "../rework/runs.js";
import { secretsIn } from "../secrets/markers.js";
import { endOf, failuresOf, runBatch, submit } from "../testing/batches.js";
import { footage, video, voice } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, type ServiceProcess, startPipeline } from "../testing/pipeline.js";
import { makeSpeechEarlier } from "./earlier-speech.js";

// Speech of a provider, which costs: every request to it is counted.

const LIMIT = { withinSeconds: 240 };
const CONCURRENCY = 5;
const LINES = 40;
const KILLS = 4;
/** An answer that came so long before a kill had arrived; a busy machine takes some time to receive it. */
const ARRIVED_MS = 1_500;
const KEY = "sk_5ec2e7f00d11";

let folder: string;
let server: Awaited<ReturnType<typeof startElevenLabsServer>>;
let pipeline: Pipeline;
let tts: ServiceProcess;
let film: ReturnType<typeof video>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-paid-"));
  server = await startElevenLabsServer();
  const common = `type: elevenlabs, credentials: key, endpoint: "${server.url}", concurrency: ${CONCURRENCY}`;
  await writeFile(join(folder, "key"), KEY);
  await writeFile(
    join(folder, "voices.yaml"),
    `eleven: {${common}}\nacme: {${common}, tenants: [acme]}\nsmall: {${common}, charactersPerBatch: 20, voices: {tiny: {id: 21m00Tcm4TlvDq8ikWAM}}}\n`,
  );
  // The lines of a killed speech service are taken over soon.
  const env = { POLYREEL_VOICES: join(folder, "voices.yaml"), POLYREEL_ACK_WAIT_SECONDS: "3", POLYREEL_LINES: "2" };
  pipeline = await startPipeline({ ...env, LOG_LEVEL: "trace" });
  tts = pipeline.services.tts;
  const path = await makeFootage(pipeline.folder, "film.mp4", { size: "64x64", sound: false });
  film = video("film", { choices: [footage("film", await put(pipeline, path))] });
}, 120_000);
afterAll(async () => {
  await pipeline?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});

/** Lines of four characters. */
const batchOf = (count: number, name = "Rachel", word = "No") => ({
  blocks: [
    film,
    voice("say", {
      overrun: Overrun.TRIM,
      choices: Array.from({ length: count }, (_, i) => ({ voice: name, text: `${word}${10 + i}` })),
    }),
  ],
});
const speechOf = async (batch: ReturnType<typeof batchOf>) => {
  const { speech } = await pipeline.batches.estimateBatch({ batch });
  return speech.map(({ engine, characters, unspoken }) => ({ engine, characters, unspoken }));
};

it("pays for each line once, and recovers none whose speech has arrived, however often the speech service is killed", async () => {
  const batch = batchOf(LINES);
  expect(await speechOf(batch)).toEqual([{ engine: "eleven", characters: 160n, unspoken: 160n }]);
  server.delayMs = 200;
  const finished = new Map<unknown, number>();
  const kills: number[] = [];
  const watching = setInterval(() => {
    for (const { body, answered } of server.spoken) {
      if (answered && !finished.has(body.text)) finished.set(body.text, performance.now());
    }
  }, 20);
  const batchId = await submit(pipeline, batch);
  for (let i = 0; i < KILLS; i++) {
    const before = server.spoken.length;
    await expect.poll(() => server.spoken.length, { timeout: 60_000 }).toBeGreaterThan(before + CONCURRENCY);
    await sleep(Math.random() * 300);
    await tts.kill("SIGKILL");
    kills.push(performance.now());
    tts = pipeline.start("tts");
  }
  const { status } = await endOf(pipeline, batchId, LIMIT);
  clearInterval(watching);
  expect(status.combinations).toMatchObject({ delivered: BigInt(LINES), failed: 0n });
  expect(server.mostAtOnce).toBeLessThanOrEqual(CONCURRENCY);
  expect(server.spoken).toHaveLength(LINES);
  expect(new Set(server.spoken.map(({ body }) => body.text)).size).toBe(LINES);
  const { recovered } = server.history;
  expect(recovered.length).toBeLessThanOrEqual(KILLS * CONCURRENCY);
  for (const text of recovered) {
    const at = finished.get(text) ?? Number.POSITIVE_INFINITY; // Without an answer if its connection was gone.
    expect(kills.some((killed) => at > killed - ARRIVED_MS)).toBe(true);
  }
  expect(await speechOf(batch)).toEqual([{ engine: "eleven", characters: 160n, unspoken: 0n }]);
}, 400_000);

it("takes what the provider made of a line while the speech service was killed", async () => {
  const batch = batchOf(1, "Rachel", "Hi");
  server.spoken.length = 0;
  server.next.push(server.speakUnheard);
  const batchId = await submit(pipeline, batch);
  await expect.poll(() => server.spoken.length, { timeout: 60_000 }).toBe(1);
  await tts.kill("SIGKILL");
  tts = pipeline.start("tts");
  const { status } = await endOf(pipeline, batchId, LIMIT);
  expect(status.combinations).toMatchObject({ delivered: 1n, failed: 0n });
  expect(server.spoken).toHaveLength(1);
  expect(server.history.recovered.at(-1)).toBe("Hi10");
  expect(await speechOf(batch)).toEqual([{ engine: "eleven", characters: 4n, unspoken: 0n }]);
}, 120_000);

it("keeps speech when its batch is deleted and in a forced replay, and speaks anew on request", async () => {
  server.delayMs = 0;
  const batch = batchOf(3, "Rachel", "Go");
  const first = await runBatch(pipeline, batch, LIMIT);
  expect(first.status.combinations).toMatchObject({ delivered: 3n });
  server.spoken.length = 0;
  const { batchId } = first;
  const forced = await resumed(pipeline.batches.replayBatch({ batchId, force: true }));
  expect((await endOfRun(pipeline, batchId, forced, LIMIT)).status.combinations).toMatchObject({ delivered: 3n });
  await pipeline.batches.deleteBatch({ batchId });
  expect(await speechOf(batch)).toEqual([{ engine: "eleven", characters: 12n, unspoken: 0n }]);
  const again = await runBatch(pipeline, batch, LIMIT);
  expect(again.status.combinations).toMatchObject({ delivered: 3n });
  expect(server.spoken).toEqual([]);

  const request = { batchId: again.batchId, respeak: true };
  await expect(pipeline.batches.replayBatch({ ...request, from: ReworkFrom.PLANNED })).rejects.toThrow(/from PLAN/);
  const anew = await resumed(pipeline.batches.replayBatch(request));
  const respoken = await endOfRun(pipeline, again.batchId, anew, LIMIT);
  expect(respoken.status.combinations).toMatchObject({ delivered: 3n, failed: 0n });
  expect(server.spoken).toHaveLength(3);
  await runBatch(pipeline, batch, LIMIT); // Of the new take.
  expect(server.spoken).toHaveLength(3);
}, 400_000);

it("makes lines of speech that an earlier release keeps, at no charge", async () => {
  const batch = batchOf(2, "Rachel", "Up");
  const { batchId } = await runBatch(pipeline, batch, LIMIT);
  await pipeline.batches.deleteBatch({ batchId });
  expect(await makeSpeechEarlier(pipeline, batch)).toBe(2);
  server.spoken.length = 0;
  expect(await speechOf(batch)).toEqual([{ engine: "eleven", characters: 8n, unspoken: 0n }]);
  expect((await runBatch(pipeline, batch, LIMIT)).status.combinations).toMatchObject({ delivered: 2n });
  expect(server.spoken).toEqual([]);
}, 400_000);

it("speaks nothing of a batch that has more characters than it may use", async () => {
  server.spoken.length = 0;
  const { combinations } = await runBatch(pipeline, batchOf(6, "tiny"), LIMIT);
  expect(server.spoken).toEqual([]);
  expect([...failuresOf(combinations).values()][0]).toMatchObject({
    ...{ block: "say", choice: "No10" },
    reason: expect.stringMatching(/^The batch has 24 characters for the voices of "small" to speak, more than the 20/),
    remedy: expect.stringContaining("charactersPerBatch"),
  });
}, 120_000);

it("lists a tenant's voices only to that tenant", async () => {
  const enginesOf = async (tenant: string) =>
    new Set((await pipeline.voices.listVoices({ tenant, gender: "female" })).voices.map(({ engine }) => engine));
  expect(await enginesOf("")).not.toContain("acme");
  expect([...(await pipeline.voices.listVoices({ engine: "acme", tenant: "acme" })).voices]).toEqual([]);
  expect((await pipeline.voices.listVoices({ language: "en", engine: "eleven" })).voices.length).toBe(3);
}, 60_000);

it("shows the key to the provider only", () => {
  for (const { headers } of server.spoken) expect(headers["xi-api-key"]).toBe(KEY);
  const logs = Object.values(pipeline.services).flatMap(({ log }) => log);
  expect(logs.length).toBeGreaterThan(20);
  expect(JSON.stringify(logs)).not.toContain(KEY);
  expect(secretsIn(KEY)).toEqual(["voices"]);
});

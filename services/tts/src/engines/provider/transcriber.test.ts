import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HEARD, startOpenAiServer } from "../openai/testing/openai-server.js";
import { parsedProvider } from "../testing/parsed-provider.js";
import { type ProviderServer, sendJson } from "../testing/provider-server.js";
import { openTranscriber } from "./open-provider.js";

const { signal } = new AbortController();

let folder = tmpdir();
let server: ProviderServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-transcriber-"));
  // Two seconds of a tone, 48 kHz stereo.
  const values = Float32Array.from({ length: 2 * 96_000 }, (_, i) => Math.sin(Math.floor(i / 2) / 10) / 4);
  await writeFile(join(folder, "recording.pcm"), Buffer.from(values.buffer));
  server = await startOpenAiServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function transcriber(more = "") {
  const text = `studio: {type: openai, endpoint: "${server.url}/v1", transcriptionModel: whisper-1${more}}`;
  const settings = parsedProvider(join(folder, "voices.yaml"), text);
  const opened = openTranscriber(settings, { backOff: { firstMs: 1 }, deadlineSeconds: 1 });
  return opened ?? expect.fail("no transcriber");
}

const request = () => ({ pcmPath: join(folder, "recording.pcm"), tempDir: folder, signal });

it("sends the sound as a form, and returns the words with their times", async () => {
  await writeFile(join(folder, "key"), "sk-5ec2e7f00d11");
  const words = await transcriber(", credentials: key").transcribe(request());
  expect(words.map(({ text, startSeconds, endSeconds }) => [text, startSeconds, endSeconds])).toEqual(
    HEARD.split(" ").map((word, i) => [word, i / 2, i / 2 + 0.4]),
  );
  const [asked] = server.spoken;
  expect(asked).toMatchObject({
    path: "/v1/audio/transcriptions",
    headers: { authorization: "Bearer sk-5ec2e7f00d11" },
  });
  const { file, ...fields } = asked?.body ?? {};
  expect(fields).toEqual({ model: "whisper-1", response_format: "verbose_json", "timestamp_granularities[]": "word" });
  const sent = file as File;
  expect([sent.name, sent.type]).toEqual(["recording.flac", "audio/flac"]);
  expect(Buffer.from(await sent.arrayBuffer()).toString("latin1", 0, 4)).toBe("fLaC");
});

it("hears nothing where there is nothing", async () => {
  server.next.push((_, response) => sendJson(response, 200, { text: "", words: [], segments: [] }));
  expect(await transcriber().transcribe(request())).toEqual([]);
});

it("waits while the server is busy, as long as it asks for, in the slots of its key", async () => {
  const retryAfter = { "retry-after": "1" };
  server.next.push((_, response) => sendJson(response, 429, { error: { code: "rate_limit_exceeded" } }, retryAfter));
  server.delayMs = 50;
  const one = transcriber(", concurrency: 2");
  const started = performance.now();
  const ask = async () => one.transcribe({ ...request(), tempDir: await mkdtemp(join(folder, "own-")) });
  const answers = await Promise.all(Array.from({ length: 5 }, ask));
  expect(answers.map((words) => words.length)).toEqual(Array(5).fill(HEARD.split(" ").length));
  expect(performance.now() - started).toBeGreaterThan(990);
  expect(server.spoken).toHaveLength(6);
  expect(server.mostAtOnce).toBeLessThanOrEqual(2);
});

it.each([
  ["an error with status 200", "application/json", '{"error": {"message": "out of memory"}}', "an error"],
  ["a page", "text/html", "<html>busy</html>", "no transcription"],
  ["text without times", "application/json", '{"text": "Half price"}', "no usable times"],
  [
    "times in disorder",
    "application/json",
    '{"text": "a b", "words": [{"word": "a", "start": 1, "end": 2}, {"word": "b", "start": 0, "end": 1}]}',
    "no usable times",
  ],
])("asks once for what is answered with %s", async (_, type, body, what) => {
  server.next.push((_request, response) => void response.writeHead(200, { "content-type": type }).end(body));
  await expect(transcriber().transcribe(request())).rejects.toMatchObject({
    code: "precondition",
    failure: { reason: expect.stringContaining(what), remedy: expect.stringContaining("a file with its words") },
  });
  expect(server.spoken).toHaveLength(1);
});

it.each([400, 404, 413])("says what to do about a refusal with status %i", async (status) => {
  server.next.push((_, response) => sendJson(response, status, { error: { message: "secret words" } }));
  await expect(transcriber().transcribe(request())).rejects.toMatchObject({
    code: "invalid",
    failure: {
      reason: expect.stringMatching(/^The voice provider "studio" does not transcribe the recording/),
      remedy: expect.stringContaining("a file with its words"),
    },
  });
});

it("reports a server that does not answer in time", async () => {
  server.next.push(() => {});
  await expect(transcriber().transcribe(request())).rejects.toMatchObject({ code: "unavailable" });
});

it("is not configured for ElevenLabs, nor for entries without a model", async () => {
  await writeFile(join(folder, "key"), "k");
  const parse = (text: string) => parsedProvider(join(folder, "voices.yaml"), text);
  expect(openTranscriber(parse("studio: {type: openai, voices: {alloy: {}}}"))).toBeUndefined();
  expect(() => parse("studio: {type: openai}")).toThrow();
  expect(() => parse("studio: {type: elevenlabs, credentials: key, transcriptionModel: scribe}")).toThrow();
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { VoiceSettingsSchema } from "@polyreel/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Engines } from "../engines.js";
import { openProvider } from "../provider/open-provider.js";
import { engineContract } from "../testing/engine-contract.js";
import { parsedProvider } from "../testing/parsed-provider.js";
import { type ProviderServer, sendJson } from "../testing/provider-server.js";
import { startOpenAiServer, wavOfText } from "./testing/openai-server.js";

const { signal } = new AbortController();

let folder = tmpdir();
let server: ProviderServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-openai-"));
  server = await startOpenAiServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function provider(url: string, more = "", options = {}) {
  const voices = "voices: {ann: {id: af_ann, language: en}, many: {}}";
  const text = `studio: {type: openai, endpoint: "${url}/v1/", model: kokoro, ${voices}${more}}`;
  return openProvider(parsedProvider(join(folder, "voices.yaml"), text), { backOff: { firstMs: 1 }, ...options });
}

const line = (text = "Half price today") => ({ voice: "ann", text, rate: 1, pitch: 0, signal, tempDir: folder });

describe("OpenAI's speech", () => {
  let own: ProviderServer;
  engineContract({
    name: "studio",
    varies: true,
    async open() {
      own = await startOpenAiServer();
      own.delayMs = 50;
      return provider(own.url);
    },
    close: () => own.close(),
  });
});

it("sends the line with the configured voice and model, and no key where there is none", async () => {
  const engines = new Engines([provider(server.url)]);
  const settings = create(VoiceSettingsSchema, { model: "tts-1-hd" });
  await engines.speak({ ...line(), rate: 1.5, settings });
  await engines.speak({ ...line("Привет"), voice: "many" });
  expect(server.spoken.map(({ body }) => body)).toEqual([
    { model: "tts-1-hd", voice: "af_ann", input: "Half price today", response_format: "wav", speed: 1.5 },
    { model: "kokoro", voice: "many", input: "Привет", response_format: "wav" },
  ]);
  expect(server.spoken[0]?.headers.authorization).toBeUndefined();
  expect((await engines.voices()).map(({ charactersPerBatch }) => charactersPerBatch)).toEqual([0n, 0n]);
});

it("sends a configured key, and says that it is refused", async () => {
  await writeFile(join(folder, "key"), "sk-5ec2e7f00d11");
  const engines = new Engines([provider(server.url, ", credentials: key")]);
  await engines.speak(line());
  expect(server.spoken[0]?.headers.authorization).toBe("Bearer sk-5ec2e7f00d11");
  expect((await engines.voices())[0]?.charactersPerBatch).toBe(100_000n);
  await writeFile(join(folder, "key"), "wrong");
  const { voices, failures } = await new Engines([provider(server.url, ", credentials: key")]).list();
  expect(voices.map(({ name }) => name)).toEqual(["ann", "many"]);
  expect(failures).toMatchObject([{ failure: { reason: expect.stringContaining("refused the key (401") } }]);
});

it.each([
  ["a text too long", { text: "word ".repeat(50) }, "text", "speaks at most 100"],
  ["a setting", { settings: create(VoiceSettingsSchema, { stability: 0 }) }, "settings.stability", "no setting"],
  ["a script", { text: "今日" }, "voice", "cannot read"],
] as const)("refuses %s before any request", async (_, request, field, reason) => {
  const engines = new Engines([provider(server.url, ", charactersPerLine: 100")]);
  await expect(engines.speak({ ...line(), ...request })).rejects.toMatchObject({
    code: "invalid",
    failure: { field, reason: expect.stringContaining(reason), remedy: expect.stringMatching(/\w/) },
  });
  expect(server.spoken).toEqual([]);
});

it.each([
  ["an error with status 200", "application/json", Buffer.from('{"error": {"message": "out of memory"}}'), "an error"],
  ["a page", "text/html", Buffer.from("<html>"), "no sound"],
  ["a cut-off file", "audio/wav", wavOfText("Half price").subarray(0, 500), "cut off"],
  ["nothing", "audio/wav", Buffer.alloc(0), "no sound"],
])("asks once for a line that is answered with %s", async (_, type, bytes, what) => {
  server.next.push((_request, response) => void response.writeHead(200, { "content-type": type }).end(bytes));
  await expect(new Engines([provider(server.url)]).speak(line())).rejects.toMatchObject({
    code: "precondition",
    failure: { reason: expect.stringContaining(what) },
  });
  expect(server.spoken).toHaveLength(1);
});

it("waits while the server is busy, and reports one that is away", async () => {
  server.next.push((_, response) => sendJson(response, 429, { error: { code: "rate_limit_exceeded" } }));
  const engines = new Engines([provider(server.url)]);
  await engines.speak(line());
  expect(server.spoken).toHaveLength(2);
  await server.close();
  await expect(engines.speak(line())).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: expect.stringContaining("interrupted") },
  });
  await expect(engines.speak(line())).rejects.toMatchObject({
    code: "unavailable",
    outage: true,
    failure: { reason: 'The voice provider "studio" can\'t be reached: the connection was refused.' },
  });
});

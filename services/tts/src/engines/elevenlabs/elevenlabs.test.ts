import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type VoiceSettings, VoiceSettingsSchema } from "@polyreel/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Engines } from "../engines.js";
import { openProvider } from "../provider/open-provider.js";
import { engineContract } from "../testing/engine-contract.js";
import { parsedProvider } from "../testing/parsed-provider.js";
import type { ProviderServer } from "../testing/provider-server.js";
import { ACCOUNT, refuse, speechOf, startElevenLabsServer } from "./testing/elevenlabs-server.js";

const KEY = "sk_5ec2e7f00d12";
const RACHEL = ACCOUNT[0]?.voice_id ?? "";
const { signal } = new AbortController();

let folder: string;
let server: ProviderServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-elevenlabs-"));
  await writeFile(join(folder, "key"), `${KEY}\n`);
  server = await startElevenLabsServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** The provider of a settings file. */
function provider(more = "", options = {}) {
  const text = `eleven: {type: elevenlabs, credentials: key, endpoint: "${server.url}", concurrency: 5${more}}`;
  return openProvider(parsedProvider(join(folder, "voices.yaml"), text), { backOff: { firstMs: 1 }, ...options });
}

const engines = (more = "", options = {}) => new Engines([provider(more, options)]);
const settingsOf = (init: Partial<Omit<VoiceSettings, "$typeName" | "$unknown">>) => create(VoiceSettingsSchema, init);
const line = (text = "Half price today") => ({ voice: "Rachel", text, rate: 1, pitch: 0, signal, tempDir: folder });

describe("ElevenLabs", () => {
  let own: ProviderServer;
  let ownFolder: string;
  engineContract({
    name: "eleven",
    varies: true,
    async open() {
      ownFolder = await mkdtemp(join(tmpdir(), "polyreel-elevenlabs-"));
      await writeFile(join(ownFolder, "key"), KEY);
      own = await startElevenLabsServer();
      own.delayMs = 50;
      const text = `eleven: {type: elevenlabs, credentials: key, endpoint: "${own.url}", model: eleven_flash_v2}`;
      return openProvider(parsedProvider(join(ownFolder, "voices.yaml"), text));
    },
    async close() {
      await own.close();
      await rm(ownFolder, { recursive: true });
    },
  });
});

it("lists the account's voices of all pages by name, and a second one of a name by its id", async () => {
  const { voices, failures } = await engines().list();
  expect(failures).toEqual([]);
  expect(voices).toMatchObject([
    { name: "Rachel", id: RACHEL, language: "en", gender: "female", wordTimes: true, varies: true, engine: "eleven" },
    // Its sample is no https.
    { name: "Drew", sampleUrl: "", language: "en-US", gender: "male", charactersPerBatch: 100_000n },
    { name: ACCOUNT[2]?.voice_id, gender: "", settings: { model: "eleven_multilingual_v2" } },
  ]);
  expect(voices[0]?.sampleUrl).toBe("https://samples.example/rachel.mp3");
  expect(server.listed.every(({ headers }) => headers["xi-api-key"] === KEY)).toBe(true);
});

it("offers only configured voices, with their settings", async () => {
  const voices = `, voices: {narrator: {id: ${RACHEL}, language: de, gender: female, stability: 0, seed: 7}}`;
  const configured = engines(voices);
  expect((await configured.voices()).map(({ name }) => name)).toEqual(["narrator"]);
  await configured.speak({ ...line(), voice: "narrator", settings: settingsOf({ style: 0.5 }) });
  expect(server.spoken[0]?.body).toMatchObject({ seed: 7, voice_settings: { stability: 0, style: 0.5 } });
});

it("sends what a line states, beside the settings saved in the account", async () => {
  const { words } = await engines().speak({
    ...line("Half  price"),
    voice: RACHEL,
    rate: 1.2,
    settings: settingsOf({ stability: 0, similarity: 0.8, style: 0.1, seed: 5, language: "de-AT" }),
  });
  expect(server.spoken[0]?.path).toBe(`/v1/text-to-speech/${RACHEL}/with-timestamps?output_format=pcm_24000`);
  expect(server.spoken[0]?.body).toEqual({
    text: "Half  price",
    model_id: "eleven_multilingual_v2",
    ...{ language_code: "de", seed: 5 },
    voice_settings: { stability: 0, similarity_boost: 0.8, style: 0.1, speed: 1.2, use_speaker_boost: true },
  });
  expect(words).toMatchObject([
    { text: "Half", startSeconds: 0, endSeconds: expect.closeTo(4 / 15) },
    { text: "price", startSeconds: expect.closeTo(6 / 15), endSeconds: expect.closeTo(11 / 15) },
  ]);
});

it.each([
  ["a text too long for the model", { text: "word ".repeat(50) }, { model: "eleven_flash_v2" }, "text", "at most 200"],
  ["a language", {}, { model: "eleven_flash_v2", language: "de" }, "settings.language", 'does not speak "de"'],
  ["a model", {}, { model: "eleven_v9" }, "settings.model", 'no model "eleven_v9"'],
  ["a script", { text: "Привет мир" }, {}, "voice", 'cannot read "Привет мир"'],
  ["a speed", { rate: 2 }, {}, "rate", "0.7 to 1.2 times"],
  ["a pitch", { pitch: 1 }, {}, "pitch", "cannot change its pitch"],
] as const)("refuses %s that it does not have before any request", async (_, request, settings, field, reason) => {
  const speaking = engines().speak({ ...line(), ...request, settings: settingsOf(settings) });
  await expect(speaking).rejects.toMatchObject({
    code: "invalid",
    failure: { field, reason: expect.stringContaining(reason), remedy: expect.stringMatching(/\w/) },
  });
  expect(server.spoken).toEqual([]);
});

it("waits while the provider is busy, as long as it asks for", async () => {
  server.next.push(
    (_, response) => refuse(response, 429, "too_many_concurrent_requests", { "retry-after": "1" }),
    (_, response) => refuse(response, 503, "system_busy"),
  );
  const begun = performance.now();
  await engines().speak(line());
  expect(server.spoken).toHaveLength(3);
  expect(performance.now() - begun).toBeGreaterThan(1000);
});

it.each([
  [429, "too_many_concurrent_requests", { "retry-after": "3600" }, 1, "unavailable", "is busy (429, too_many"],
  [429, "system_busy", {}, 6, "unavailable", "is busy (429, system_busy)"],
  [401, "invalid_api_key", {}, 1, "precondition", "refused the key (401, invalid_api_key)"],
  [401, "quota_exceeded", {}, 1, "precondition", "has used up its characters (401, quota_exceeded)"],
  [429, "quota_exceeded", {}, 1, "precondition", "has used up its characters"],
  [404, "voice_not_found", {}, 1, "invalid", 'The voice "Rachel" is gone'],
  [404, "model_not_found", {}, 1, "invalid", "does not have this voice or model"],
  [302, "", { location: "http://127.0.0.1:1/" }, 1, "precondition", "redirects to another address"],
  [400, "input_text_empty", {}, 1, "invalid", "refused the line (400, input_text_empty)"],
])("reports %i %s after the promised number of requests", async (status, reason, headers, requests, code, text) => {
  for (let i = 0; i < 9; i++) server.next.push((_, response) => refuse(response, status, reason, { ...headers }));
  const balance: number[] = [];
  const spend = async (_voice: unknown, characters: number) => {
    balance.push(characters);
    return async () => void balance.push(-characters);
  };
  const error = await engines()
    .speak({ ...line(), spend })
    .then(
      () => expect.fail("it spoke"),
      (thrown: Error) => thrown,
    );
  expect(error).toMatchObject({
    code,
    failure: { reason: expect.stringContaining(text), remedy: expect.stringMatching(/\w/) },
  });
  expect(server.spoken).toHaveLength(requests);
  expect(balance.reduce((sum, one) => sum + one, 0)).toBe(0); // Nothing was charged.
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.cause)).not.toContain("5ec2e7f00d");
});

const half = (text: string) => text.slice(0, text.length / 2);

it.each([
  ["truncated Base64", () => ({ ...speechOf("Hi"), audio_base64: `${speechOf("Hi").audio_base64}A` }), "cut off"],
  ["half a sample", () => ({ audio_base64: Buffer.alloc(25).toString("base64") }), "cut off"],
  ["an error with status 200", () => ({ detail: { status: "internal" } }), "has no sound"],
  ["an empty object", () => ({}), "has no sound"],
])("asks for %s once only, because it may have been charged for", async (_, body, what) => {
  server.next.push((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body()));
  });
  await expect(engines().speak(line())).rejects.toMatchObject({
    code: "precondition",
    failure: { reason: expect.stringContaining(what), remedy: expect.stringContaining("Retry the batch") },
  });
  expect(server.spoken).toHaveLength(1);
});

it("refuses an answer of another type, and reports one that breaks off or takes too long", async () => {
  server.next.push(
    (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "99999" });
      response.write(half(JSON.stringify(speechOf("Hi"))), () => response.destroy());
    },
    () => {},
  );
  const impatient = engines("", { deadlineSeconds: 1 });
  await expect(impatient.speak(line())).rejects.toMatchObject({ code: "precondition" });
  await expect(impatient.speak(line())).rejects.toMatchObject({ code: "unavailable", outage: false });
  await expect(impatient.speak(line())).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: 'The voice provider "eleven" did not answer within 1 s.' },
  });
});

it("speaks 500 lines, never more at once than the key may", async () => {
  server.delayMs = 5;
  const spoken = engines();
  await spoken.list();
  await Promise.all(Array.from({ length: 500 }, (_, i) => spoken.speak(line(`Line ${i}`))));
  expect(server.spoken).toHaveLength(500);
  expect(server.mostAtOnce).toBe(5);
}, 60_000);

it("lists configured voices while it is away, and names the failure", async () => {
  await writeFile(join(folder, "key"), "wrong");
  const expected = { engine: "eleven", failure: { reason: expect.stringContaining("refused the key") } };
  const voices = `, voices: {narrator: {id: ${RACHEL}}}`;
  expect(await engines(voices).list()).toMatchObject({ voices: [{ name: "narrator" }], failures: [expected] });
});

it("names an unusable file of the key, and none of its bytes", async () => {
  await writeFile(join(folder, "key"), `${KEY} and more\n`);
  const { failures } = await engines().list();
  expect(failures[0]?.failure?.reason).toContain(
    'The credentials file of the voice provider "eleven" has no key in it',
  );
  expect(JSON.stringify(failures[0]?.failure)).not.toContain(KEY);
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Voice, VoiceSettingsSchema } from "@polyreel/contract";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ListingMemory } from "../engine-voices.js";
import { Engines } from "../engines.js";
import { openProvider } from "../provider/open-provider.js";
import { parsedProvider } from "../testing/parsed-provider.js";
import type { ProviderServer } from "../testing/provider-server.js";
import { ACCOUNT, startElevenLabsServer } from "./testing/elevenlabs-server.js";

const { signal } = new AbortController();

let folder: string;
let account: typeof ACCOUNT;
let server: ProviderServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-elevenlabs-"));
  await writeFile(join(folder, "key"), "right");
  account = [...ACCOUNT];
  server = await startElevenLabsServer(account);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function engines(memory?: ListingMemory): Engines {
  const text = `eleven: {type: elevenlabs, credentials: key, endpoint: "${server.url}"}`;
  return new Engines([openProvider(parsedProvider(join(folder, "voices.yaml"), text))], { memory });
}
const line = (build = "") => ({
  voice: "Rachel",
  text: "Half price",
  rate: 1,
  pitch: 0,
  signal,
  tempDir: folder,
  build,
});

it("lists what was listed before a restart while the provider is away, and speaks once it is back", async () => {
  const remembered = new Map<string, readonly Voice[]>();
  const memory: ListingMemory = {
    read: async (engine) => remembered.get(engine),
    write: async (engine, voices) => void remembered.set(engine, voices),
  };
  const { voices } = await engines(memory).list();
  await writeFile(join(folder, "key"), "wrong");
  const restarted = engines(memory);
  const away = await restarted.list();
  expect(away.voices).toEqual(voices);
  expect(away.failures).toMatchObject([{ engine: "eleven" }]);
  await expect(restarted.speak(line())).rejects.toMatchObject({ code: "precondition" });
  await writeFile(join(folder, "key"), "right");
  await restarted.speak({ ...line(), settings: create(VoiceSettingsSchema, { style: 0.5 }) });
  expect(server.spoken.at(-1)?.body).toMatchObject({ voice_settings: { stability: 0.3, style: 0.5 } }); // The account's.
});

it("reports a voice that left the account, with similar ones, and lists it no more", async () => {
  const leaving = engines();
  const [voice] = await leaving.voices();
  account.splice(0, 1, ...account.slice(0, 1).map((one) => ({ ...one, voice_id: "another", name: "Rachael" })));
  const failure = {
    field: "voice",
    reason: expect.stringMatching(/^The voice "Rachel" is gone/),
    remedy: expect.stringContaining("Did you mean Rachael?"),
  };
  await expect(leaving.speak(line(voice?.build))).rejects.toMatchObject({ code: "invalid", failure });
  expect((await leaving.voices()).map(({ name }) => name)).toContain("Rachael");
  await expect(leaving.speak(line(voice?.build))).rejects.toMatchObject({ code: "invalid", failure });
  await expect(leaving.speak(line())).rejects.toThrow(/"Rachel" is not installed/);
  expect(server.spoken).toHaveLength(1);
});

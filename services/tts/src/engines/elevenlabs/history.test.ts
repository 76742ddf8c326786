import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { VoiceSettingsSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { openFolderStore } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PendingRequest } from "../../spending/pending-request.js";
import { Engines } from "../engines.js";
import { openProvider } from "../provider/open-provider.js";
import type { ArrivedSpeech } from "../speech-engine.js";
import { parsedProvider } from "../testing/parsed-provider.js";
import { ACCOUNT, refuse, startElevenLabsServer } from "./testing/elevenlabs-server.js";

const KEY = "sk_5ec2e7f00d13";
const [RACHEL = "", DREW = ""] = ACCOUNT.map(({ voice_id }) => voice_id);
const TEXT = "Half price today";
const MODEL = "eleven_multilingual_v2";

let folder: string;
let server: Awaited<ReturnType<typeof startElevenLabsServer>>;
let requests: PendingRequest;
let engines: Engines;
let failures: unknown[];
let kept: ArrivedSpeech[];
let charged: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-history-"));
  await writeFile(join(folder, "key"), KEY);
  server = await startElevenLabsServer();
  requests = new PendingRequest(await openFolderStore(join(folder, "store")), "a".repeat(64));
  const text = `eleven: {type: elevenlabs, credentials: key, endpoint: "${server.url}"}`;
  const options = { backOff: { firstMs: 1 }, deadlineSeconds: 5 };
  engines = new Engines([openProvider(parsedProvider(join(folder, "voices.yaml"), text), options)]);
  [failures, kept, charged] = [[], [], 0];
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const { signal } = new AbortController();
const speak = (more: { rate?: number; style?: number; signal?: AbortSignal } = {}) =>
  engines.speak({
    ...{ voice: "Rachel", text: TEXT, rate: more.rate ?? 1, pitch: 0, signal: more.signal ?? signal, tempDir: folder },
    ...(more.style !== undefined && { settings: create(VoiceSettingsSchema, { style: more.style }) }),
    keep: async (speech) => void kept.push(speech),
    spend: async (_voice, characters) => {
      charged += characters;
      return async () => {
        charged -= characters;
      };
    },
    unanswered: { requests, onFailure: (error) => failures.push(error) },
  });
const isPending = async () => (await requests.since(signal)) !== undefined;
const historyPaths = () => server.listed.map(({ path }) => path).filter((path) => path.startsWith("/v1/history"));

/** A request that the provider answers, while nobody receives it any more. */
async function leaveUnheard(more: Parameters<typeof speak>[0] = {}) {
  const cancel = new AbortController();
  server.next.push((request) => {
    server.speakUnheard(request);
    cancel.abort(new PolyreelError("cancelled", "The batch was cancelled."));
  });
  await expect(speak({ ...more, signal: cancel.signal })).rejects.toMatchObject({ code: "cancelled" });
  expect(await isPending()).toBe(true);
}

it("never asks for the history of a line whose answer arrived or was refused", async () => {
  server.next.push((_, response) => refuse(response, 400, "input_text_empty"));
  await expect(speak()).rejects.toMatchObject({ code: "invalid" });
  expect(await isPending()).toBe(false);
  await speak();
  expect(await isPending()).toBe(false);
  await speak();
  expect(historyPaths()).toEqual([]);
  expect(charged).toBe(2 * TEXT.length);
});

it("takes the speech of a cancelled request, and pays nothing for it", async () => {
  await leaveUnheard();
  const { path, words } = await speak();
  expect(server.spoken).toHaveLength(1);
  expect(charged).toBe(TEXT.length);
  expect(words).toEqual([]);
  expect(kept).toMatchObject([{ words: [] }]);
  expect(await readFile(path)).toEqual(kept[0]?.audio);
  expect(kept[0]?.audio.length).toBeGreaterThan(1_000);
  expect(await isPending()).toBe(false);
  const { searchParams } = new URL(historyPaths()[0] ?? "", server.url);
  expect(Object.fromEntries(searchParams)).toMatchObject({ voice_id: RACHEL, model_id: MODEL, source: "TTS" });
  expect(Number(searchParams.get("date_after_unix"))).toBeGreaterThan(Date.now() / 1000 - 90);
});

it("takes the newest one with the line's settings, on a later page", async () => {
  await leaveUnheard({ rate: 1.2, style: 0.5 });
  const [item] = server.history.items;
  server.history.add(RACHEL, { text: TEXT, model_id: MODEL, voice_settings: { style: 0.5, speed: 1.1 } });
  for (let i = 0; i < 250; i++) server.history.add(RACHEL, { text: `Line ${i}`, model_id: MODEL });
  await speak({ rate: 1.2, style: 0.5 });
  expect(server.spoken).toHaveLength(1);
  expect(historyPaths()).toHaveLength(4);
  expect(historyPaths().at(-1)).toBe(`/v1/history/${item?.history_item_id}/audio`);
});

it.each([
  ["of another text", { text: "half price today" }],
  ["of another voice", { voice_id: DREW }],
  ["of another model", { model_id: "eleven_flash_v2" }],
  ["with another stability", { settings: { stability: 0.8 } }],
  ["with another speed", { settings: { speed: 1.2 } }],
  ["that is not ready", { state: "processing" }],
  ["from before the request", { date_unix: Math.floor(Date.now() / 1000) - 120 }],
  ["whose id is none", { history_item_id: "../../v1/user" }],
] as const)("speaks a line anew if the history only has speech %s", async (_, different) => {
  await leaveUnheard();
  server.history.items.length = 0;
  server.history.add(RACHEL, { text: TEXT, model_id: MODEL }, different);
  const { words } = await speak();
  expect(server.spoken).toHaveLength(2);
  expect(words).toHaveLength(3);
  expect(historyPaths()).toHaveLength(1);
  expect(await isPending()).toBe(false);
});

it("bounds the pages that it reads", async () => {
  await leaveUnheard();
  for (let i = 0; i < 1_000; i++) server.history.add(RACHEL, { text: `Line ${i}`, model_id: MODEL });
  await speak();
  expect(server.spoken).toHaveLength(2);
  expect(historyPaths()).toHaveLength(10);
});

it.each([401, 403, 404, 503])(
  "speaks a line anew if the history is refused by %i, and reports it without secrets",
  async (status) => {
    await leaveUnheard();
    server.history.refusal = status;
    await speak();
    expect(server.spoken).toHaveLength(2);
    expect(charged).toBe(2 * TEXT.length);
    expect(failures).toHaveLength(1);
    const [error] = failures as Error[];
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("5ec2e7f00d");
  },
);

it.each([
  ["samples without a file", Buffer.alloc(4_000, 0xff)],
  ["an error", Buffer.from('{"detail": {"status": "internal"}}')],
  ["nothing", Buffer.alloc(0)],
])("speaks a line anew if the history has %s instead of its sound", async (_, sound) => {
  await leaveUnheard();
  server.history.sound = sound;
  const { words } = await speak();
  expect(words).toHaveLength(3);
  expect(failures).toMatchObject([{ code: "precondition" }]);
  expect(kept).toHaveLength(1);
});

it("keeps the mark of an earlier request when a later one is refused", async () => {
  await leaveUnheard();
  server.history.refusal = 503;
  server.next.push((_, response) => refuse(response, 400, "input_text_empty"));
  await expect(speak()).rejects.toMatchObject({ code: "invalid" });
  server.history.refusal = 0;
  await speak();
  expect(server.spoken).toHaveLength(2);
  expect(kept).toHaveLength(1);
});

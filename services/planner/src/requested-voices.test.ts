import { PolyreelError, Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import {
  connectNats,
  createPublisher,
  type EventStream,
  openStream,
  type Publisher,
  startNatsServer,
} from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requestedVoices } from "./requested-voices.js";

const { signal } = new AbortController();
const releasers = new Releasers();
let stream: EventStream;
let publisher: Publisher;
beforeAll(async () => {
  const { url } = releasers.use(await startNatsServer());
  const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
  releasers.add(() => connection.close());
  stream = await openStream(connection, { maxBytes: 64 << 20 });
  publisher = createPublisher(stream);
});
afterAll(() => releasers.close());

const { failure } = new PolyreelError("unavailable", "The engine is gone.");
const publishing = (batchId: string) => ({
  request: (attempt: number, hash: string, lines: string[]) =>
    publisher.publish(
      "voice.requested",
      { batchId, attempt, hash, lines, recipe: { case: "voice", value: { build: hash } } },
      { id: hash, attempt },
    ),
  fail: (attempt: number, hash: string) =>
    publisher.publish("voice.failed", { batchId, attempt, hash, failure }, { id: hash, attempt }),
});
const keptIn = async (batchId: string, attempt: number) => {
  const parts = await requestedVoices({ batchId, attempt, respeak: false, signal }, stream);
  return [...parts].map(([line, { hash, recipe }]) => {
    expect(recipe.build).toBe(hash);
    return `${line}: ${hash}`;
  });
};

it("is empty for a batch that is planned for the first time", async () => {
  expect(await keptIn("new", 1)).toEqual([]);
});

it("returns the part of every line; of a release without builds by the hash of the line", async () => {
  const { request } = publishing("kept");
  await request(1, "a", ["hello", "default hello"]);
  await request(1, "bye", []);
  expect(await keptIn("kept", 1)).toEqual(["hello: a", "default hello: a", "bye: bye"]);
  expect(await keptIn("kept", 2)).toEqual(["hello: a", "default hello: a", "bye: bye"]);
});

it("keeps the language of a line", async () => {
  const recipe = { case: "voice" as const, value: {} };
  const request = { batchId: "german", attempt: 1, hash: "h", lines: ["hallo"], recipe, language: "de" };
  await publisher.publish("voice.requested", request, { id: "h", attempt: 1 });
  const kept = await requestedVoices({ batchId: "german", attempt: 2, respeak: false, signal }, stream);
  expect(kept.get("hallo")?.language).toBe("de");
});

it("excludes failed parts in a later attempt, until they are requested again", async () => {
  const { request, fail } = publishing("failed");
  await request(1, "a", ["hello"]);
  await request(1, "b", ["bye"]);
  await fail(1, "a");
  // Planned again after a crash, the same attempt keeps all.
  expect(await keptIn("failed", 1)).toEqual(["hello: a", "bye: b"]);
  expect(await keptIn("failed", 2)).toEqual(["bye: b"]);
  await request(2, "c", ["hello"]);
  expect((await keptIn("failed", 2)).sort()).toEqual(["bye: b", "hello: c"]);
  expect((await keptIn("failed", 3)).sort()).toEqual(["bye: b", "hello: c"]);
  await fail(2, "c");
  expect(await keptIn("failed", 3)).toEqual(["bye: b"]);
});

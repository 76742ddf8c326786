import { readdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPackets } from "./read-packets.js";
import { type Bench, openBench } from "./testing/bench.js";

let bench: Bench;
let film: string;
beforeAll(async () => {
  bench = await openBench();
  film = await bench.source("film.mp4", "testsrc2=size=96x72:rate=30:duration=2", ["-c:v", "libx264"]);
});
afterAll(() => bench[Symbol.asyncDispose]());

it("copies every packet", async () => {
  const path = bench.at("whole.h264");
  const { packets } = await readPackets(film, path, new AbortController().signal);
  expect(packets).toHaveLength(60);
  expect(await readFile(path)).toHaveLength(packets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
});

it.each<[string, (stop: AbortController) => void]>([
  ["before it begins", (stop) => stop.abort()],
  ["while it opens the film", (stop) => queueMicrotask(() => stop.abort())],
  ["while it copies", (stop) => setImmediate(() => stop.abort())],
])("rejects when cancelled %s, and creates nothing later", async (_, cancel) => {
  const [stop, name] = [new AbortController(), `cancelled-${_.replaceAll(" ", "-")}.h264`];
  const strays: unknown[] = [];
  const stray = (error: unknown) => void strays.push(error);
  process.on("uncaughtException", stray);
  try {
    const reading = readPackets(film, bench.at(name), stop.signal);
    cancel(stop);
    const code = await reading.then(
      () => "copied",
      (error: { code: string }) => error.code,
    );
    // A short film may be copied before a late abort.
    expect(["cancelled", ...(_ === "before it begins" ? [] : ["copied"])]).toContain(code);
    const files = await readdir(bench.at("."));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(strays).toEqual([]);
    expect(await readdir(bench.at("."))).toEqual(files);
  } finally {
    process.off("uncaughtException", stray);
  }
});

it("does not overwrite an existing file", async () => {
  const path = bench.at("taken.h264");
  await writeFile(path, "taken");
  await expect(readPackets(film, path, new AbortController().signal)).rejects.toMatchObject({ code: "EEXIST" });
});

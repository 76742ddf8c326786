import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { charging } from "@polyreel/platform/process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImageJob, ImageSettings } from "./image-job.js";
import { startImageWorker } from "./image-worker.js";
import { ImageWorkers } from "./image-workers.js";
import { quarters, written } from "./testing/pictures.js";

let folder: string;
let input: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-worker-"));
  input = await written(folder, "quarters.jpg", quarters(1200, 800).jpeg());
});
afterAll(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const SETTINGS: ImageSettings = {
  ...{ format: "webp", width: 60, height: 0, fit: "inside", gravity: "center", enlarge: false, rotate: 0, quality: 0 },
  ...{ maxBytes: 0, lossless: false, progressive: false, keepMetadata: false, keepProfile: false },
};
let outputs = 0;
const job = (): ImageJob => ({
  input,
  output: join(folder, `out-${outputs++}`),
  settings: SETTINGS,
  maxPixels: 1e6,
});

/** A program in place of the one that works on images. */
async function program(name: string, source: string): Promise<string> {
  const path = join(folder, `${name}.mjs`);
  await writeFile(path, source);
  return path;
}

const LIMITS = { cpuSeconds: 300, deadlineSeconds: 60, stallSeconds: 60 };
const ALIVE = "let cpu = 0; const alive = () => console.log(JSON.stringify({ alive: true, cpuSeconds: cpu }));";

describe("a program for images", () => {
  it("makes one after the other, and charges their CPU time", async () => {
    const worker = startImageWorker();
    const { cpuSeconds } = await charging(async () => {
      for (const _ of [1, 2]) expect(await worker.make(job(), signal)).toMatchObject({ width: 60, height: 40 });
    });
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(worker.isUsable).toBe(true);
    await worker.close();
    expect(worker.isUsable).toBe(false);
  });

  it.each<[string, string, string, RegExp]>([
    ["crashes", 'process.kill(process.pid, "SIGSEGV");', "invalid", /that crashes, or takes/],
    ["exits", "process.exit(3);", "invalid", /that crashes, or takes/],
    ["is killed from outside", 'process.kill(process.pid, "SIGKILL");', "unavailable", /ended by SIGKILL/],
  ])("is unusable after it %s, and the image fails", async (name, action, code, reason) => {
    const source = `process.stdin.once("data", () => { ${action} }); setInterval(() => {}, 1000);`;
    const worker = startImageWorker(await program(name.replaceAll(" ", "-"), source));
    await expect(worker.make(job(), signal)).rejects.toMatchObject({
      code,
      failure: { reason: expect.stringMatching(reason) },
    });
    expect(worker.isUsable).toBe(false);
    await worker.close();
  });

  it("ends an image that computes for too long", async () => {
    const source = `${ALIVE} process.stdin.resume(); setInterval(() => { cpu += 5; alive(); }, 20);`;
    const worker = startImageWorker(await program("busy", source), { ...LIMITS, cpuSeconds: 30 });
    const reason = "The image takes too long to process.";
    await expect(worker.make(job(), signal)).rejects.toMatchObject({ code: "invalid", failure: { reason } });
    await worker.close();
  });

  it("ends one that hangs", async () => {
    const worker = startImageWorker(await program("hung", "process.stdin.resume();"), {
      ...LIMITS,
      deadlineSeconds: 0.5,
    });
    const reason = "The image takes too long to process.";
    await expect(worker.make(job(), signal)).rejects.toMatchObject({ failure: { reason } });
    await worker.close();
  });

  it("ends one that is not wanted any more", async () => {
    const worker = startImageWorker(await program("slow", "process.stdin.resume();"), LIMITS);
    const stop = new AbortController();
    const making = worker.make(job(), stop.signal);
    stop.abort(new Error("not wanted"));
    await expect(making).rejects.toMatchObject({ code: "cancelled" });
    await worker.close();
  });
});

describe("programs for images", () => {
  it("makes more than there are programs, and replaces one that was lost", async () => {
    const workers = new ImageWorkers({ processes: 2 });
    const stop = new AbortController();
    const making = Array.from({ length: 6 }, () => workers.make(job(), signal));
    const cancelled = workers.make({ ...job(), settings: { ...SETTINGS, format: "avif", width: 1000 } }, stop.signal);
    setTimeout(() => stop.abort(new Error("not wanted")), 100);
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect((await Promise.all(making)).map(({ width }) => width)).toEqual(Array(6).fill(60));
    expect(await workers.make(job(), signal)).toMatchObject({ width: 60 });
    await workers.close();
    await expect(workers.make(job(), signal)).rejects.toMatchObject({ code: "cancelled" });
    expect(await readdir(folder)).toContain("quarters.jpg");
  });
});

import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectTo } from "../client/connection.js";
import { type Server, Workshop } from "../testing/workshop.js";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.film("a.mp4", 1);
  await workshop.write(
    "batch.yaml",
    "canvas: {width: 180, height: 320}\nblocks: [{name: v, video: {choices: [{source: a.mp4}, {source: gone.mp4}]}}]\n",
  );
});
afterAll(() => workshop.close());

it("a server takes batches with their files, once a request id, and knows them after a restart", async () => {
  const up = await workshop.up(["--out", "videos"]);

  const watched = await up.run("submit", "batch.yaml", "--watch", "--json", "-q", "--request-id", "one");
  expect(watched.exitCode).toBe(1);
  const { batchId, combinations, outputs, failures } = JSON.parse(watched.stdout);
  expect(combinations).toEqual({ planned: 2, delivered: 1, failed: 1 });
  expect(outputs[0]).toMatchObject({ file: `${batchId}/a.mp4`, durationSeconds: 1 });
  expect(failures[0]).toMatchObject({ block: "v", choice: "gone", reason: '"gone.mp4": The file does not exist.' });
  expect(await readdir(workshop.path(`videos/${batchId}`))).toContain("a.mp4");

  const again = await up.run("submit", "batch.yaml", "--request-id", "one");
  expect(again).toMatchObject({ exitCode: 0, stdout: `${batchId}\n` });
  const later = await up.run("watch", batchId);
  expect(later.stdout).toMatch(/^1 video of 2 delivered, in /);
  expect(later.stdout).toContain("\n1 combination failed:\n");
  expect((await up.run("cancel", batchId)).stdout).toBe(`${batchId} had ended already: 1 video delivered\n`);
  expect((await up.run("watch", "bnone")).exitCode).toBe(2);
  expect((await up.run("voices")).exitCode).toBe(0);

  const retried = await up.run("retry", batchId, "--watch", "--json", "-q");
  expect(retried.exitCode).toBe(1);
  expect(JSON.parse(retried.stdout)).toMatchObject({ combinations: { delivered: 1, failed: 1 } });

  const second = await workshop.run(["up", "--port", "0", "--out", "unused"]);
  expect(second.stderr).toContain("error: Polyreel is up already over this store");
  expect(second.exitCode).toBe(2);
  expect(await readdir(workshop.folder)).not.toContain("unused");

  const { port } = new URL(up.url);
  const taken = await workshop.run(["up", "--port", port, "--out", "videos", "--store", "other"]);
  expect(taken.stderr).toMatch(
    /^Polyreel is starting ...\nerror: Something listens on 127\.0\.0\.1:\d+ already\.\n {2}remedy: /,
  );
  expect(taken.exitCode).toBe(2);

  expect((await up.stop()).exitCode).toBe(0);
  expect(await workshop.processesLeft()).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);

  const back = await workshop.up(["--out", "videos"]);
  const known = JSON.parse((await back.run("watch", batchId, "--json", "-q")).stdout);
  expect(known).toMatchObject({ batchId, combinations: { delivered: 1, failed: 1 } });
  expect((await back.stop("SIGINT")).exitCode).toBe(0);
});

it("a server serves virtual videos, lists them, and delivers them on request", async () => {
  await workshop.write(
    "virtual.yaml",
    "canvas: {width: 180, height: 320}\noutputs: [{virtual: true}]\n" +
      "blocks: [{name: v, video: {choices: [{source: a.mp4}, {label: short, source: a.mp4, trim: {duration: 500ms}}]}}]\n",
  );
  const up = await workshop.up(["--out", "written", "--store", "virtual-store"]);
  const server = up.url;
  const submitted = await up.run("submit", "virtual.yaml", "--watch");
  expect(submitted.stdout).toMatch(/^2 videos of 2 delivered, virtual, in /);
  const [, url = "", batchId = "", id = ""] =
    /\n {2}first {7}(\S+\/outputs\/(\w+)\/(\w+)\/a\.mp4)\n/.exec(submitted.stdout) ?? [];
  // Only the manifest is written, a moment after the batch has ended.
  const written = () => readdir(workshop.path(`written/${batchId}`)).catch(() => []);
  const visible = async () => (await written()).filter((name) => !name.startsWith(".")).sort();
  await expect.poll(visible).toEqual(["manifest.csv", "manifest.jsonl"]);

  expect((await up.run("list", batchId, "--choice", "v=a")).stdout).toBe(`${id}  delivered  ${url}\n`);
  const sorted = async (order: string) => (await up.run("list", batchId, "--sort", order)).stdout;
  expect(await sorted("state,duration:desc")).toMatch(/\/a\.mp4\n.*\/short\.mp4\n$/);
  expect(await sorted("duration")).toMatch(/\/short\.mp4\n.*\/a\.mp4\n$/);
  expect(await up.run("list", batchId, "--sort", "weight")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('error: Cannot sort by "weight".'),
  });
  expect((await up.run("open", batchId, id)).stdout).toBe(`${server}/outputs/${batchId}/${id}\n`);
  const nobody = await up.run("open", batchId, "nobody");
  expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("error: There is no video at ") });

  const fetched = await up.run("fetch", batchId, id, "--out", "fetched");
  expect(fetched.exitCode).toBe(0);
  const served = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect((await readFile(workshop.path("fetched/a.mp4"))).equals(served)).toBe(true);

  // One of them is written after all; repeating the request changes nothing.
  const deliver = ["deliver", batchId, id, "--to", "chosen", "--request-id", "one"];
  const delivered = await up.run(...deliver, "--watch", "-q");
  expect(delivered).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^2 videos of 2 delivered/) });
  expect(delivered.stderr).toBe("run 2: 1 combination\n");
  expect((await readFile(workshop.path("written/chosen/a.mp4"))).equals(served)).toBe(true);
  expect((await up.run(...deliver)).stdout).toBe("run 2: 1 combination\n");
  expect((await up.run("retry", batchId)).stdout).toBe("nothing to do\n");
  const replay = ["replay", batchId, "--since", "1h", "--choice", "v=short", "--to", "chosen", "--json", "-w", "-q"];
  const replayed = JSON.parse((await up.run(...replay)).stdout);
  expect(replayed.outputs).toHaveLength(2);
  expect((await readdir(workshop.path("written/chosen"))).filter((name) => name.endsWith(".mp4"))).toHaveLength(2);
  const unknownCombination = await up.run("deliver", batchId, "nobody");
  expect(unknownCombination).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no combination "nobody"') });
  expect((await up.stop()).exitCode).toBe(0);
});

describe("a server whose batches are cancelled", () => {
  let up: Server;
  beforeAll(async () => {
    up = await workshop.up(["--out", "cancelled", "--store", "cancelled-store"]);
  });

  it("goes on with a batch whose watcher is stopped", async () => {
    await workshop.film("long.mp4", 20);
    await workshop.write(
      "long.yaml",
      "canvas: {width: 1080, height: 1920}\nblocks: [{name: v, video: {choices: [{source: long.mp4}]}}]\n",
    );
    const watching = workshop.start(["submit", "long.yaml", "--watch", "--server", up.url]);
    const [, batchId = ""] = (await watching.waitForOutput(/batch b\w+/)).split(" ");
    watching.child.kill("SIGINT");
    const { exitCode, stderr } = await watching.ended;
    expect(exitCode).toBe(130);
    expect(stderr).not.toContain("error:");
    expect(stderr).toMatch(`The batch goes on: polyreel watch ${batchId}, or polyreel cancel ${batchId}\n`);
    expect((await up.run("cancel", batchId)).stdout).toBe(`${batchId} is cancelled: 0 videos delivered\n`);
  });

  it("survives batches that are cancelled at any moment", { timeout: 240_000 }, async () => {
    await workshop.film("moments.mp4", 12);
    const connection = connectTo(up.url);
    try {
      for (let round = 0; round < 3; round++) {
        const choice = (i: number) =>
          `{label: c${i}, source: moments.mp4, trim: {start: ${i * 250 + round}ms, duration: 200ms}}`;
        const choices = Array.from({ length: 40 }, (_, i) => choice(i)).join(", ");
        await workshop.write(
          `round${round}.yaml`,
          `canvas: {width: 180, height: 320}\nblocks: [{name: v, video: {choices: [${choices}]}}]\n`,
        );
        const { stdout } = await up.run("submit", `round${round}.yaml`, "--request-id", `r${round}`);
        const batchId = stdout.trim();
        // The others are in different phases of processing when one more is ready.
        let ready = 0;
        for await (const { update } of connection.batches.watchBatch({ batchId })) {
          if (update.case === "part" && ++ready > round) break;
        }
        await connection.batches.cancelBatch({ batchId });
      }
      const { batches } = await connection.batches.listBatches({});
      expect(batches).toHaveLength(4);
    } finally {
      connection.close();
    }
    const { exitCode, stderr } = await up.stop("SIGINT");
    expect(stderr).not.toContain("error");
    expect(exitCode).toBe(0);
    expect(await readdir(workshop.path("cancelled-store/tmp"))).toEqual([]);
    expect(await workshop.temporaryFiles()).toEqual([]);
  });
});

it("after an unhandled error a server names its batches, ends in order, and continues when restarted", {
  timeout: 240_000,
}, async () => {
  await workshop.write(
    "stray.mjs",
    'process.on("SIGUSR2", () => setImmediate(() => { throw new Error("escaped"); }));\n',
  );
  await workshop.film("work.mp4", 4);
  await workshop.write(
    "work.yaml",
    "canvas: {width: 720, height: 1280}\nblocks: [{name: v, video: {choices: [{source: work.mp4}]}}]\n",
  );
  const args = ["--out", "strays", "--store", "strays-store"];
  const first = await workshop.up(args, { NODE_OPTIONS: `--import=${workshop.path("stray.mjs")}` });
  const batchId = (await first.run("submit", "work.yaml")).stdout.trim();
  await expect.poll(() => workshop.pidOf(/ffmpeg .*libx264/), { timeout: 30_000 }).toBeDefined();
  first.child.kill("SIGUSR2");
  const { exitCode, stderr } = await first.ended;
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    `error: Something went wrong inside Polyreel: escaped. In work: ${batchId}; what is made stays made.\n  remedy: Start`,
  );
  expect(await workshop.processesLeft()).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);
  const second = await workshop.up(args);
  const watched = await second.run("watch", batchId, "--json", "-q");
  expect(JSON.parse(watched.stdout)).toMatchObject({ combinations: { delivered: 1, failed: 0 } });
  expect((await second.stop("SIGINT")).exitCode).toBe(0);
});

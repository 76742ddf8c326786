import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectTo } from "../client/connection.js";
import { Workshop } from "../testing/workshop.js";

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+(?=\n)/;

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

it("a server accepts batches with their files, idempotently by request id, until it is stopped", async () => {
  const up = workshop.start(["up", "--port", "0", "--out", "videos"]);
  const env = { POLYREEL_SERVER: await up.waitForOutput(ADDRESS) };

  const watched = await workshop.run(["submit", "batch.yaml", "--watch", "--json", "-q", "--request-id", "one"], env);
  expect(watched.exitCode).toBe(1);
  const { batchId, combinations, outputs, failures } = JSON.parse(watched.stdout);
  expect(combinations).toEqual({ planned: 2, delivered: 1, failed: 1 });
  expect(outputs[0]).toMatchObject({ file: `${batchId}/a.mp4`, durationSeconds: 1 });
  expect(failures[0]).toMatchObject({ block: "v", choice: "gone", reason: '"gone.mp4": The file does not exist.' });
  expect(await readdir(workshop.path(`videos/${batchId}`))).toContain("a.mp4");

  const again = await workshop.run(["submit", "batch.yaml", "--request-id", "one"], env);
  expect(again).toMatchObject({ exitCode: 0, stdout: `${batchId}\n` });
  const later = await workshop.run(["watch", batchId], env);
  expect(later.stdout).toMatch(/^1 video of 2 delivered, in /);
  expect(later.stdout).toContain("\n1 combination failed:\n");
  expect((await workshop.run(["cancel", batchId], env)).stdout).toBe(
    `${batchId} had ended already: 1 video delivered\n`,
  );
  expect((await workshop.run(["watch", "bnone"], env)).exitCode).toBe(2);
  expect((await workshop.run(["voices"], env)).exitCode).toBe(0);

  const retried = await workshop.run(["retry", batchId, "--watch", "--json", "-q"], env);
  expect(retried.exitCode).toBe(1);
  expect(JSON.parse(retried.stdout)).toMatchObject({ combinations: { delivered: 1, failed: 1 } });

  const second = await workshop.run(["up", "--port", "0", "--out", "unused"]);
  expect(second.stderr).toContain("error: Polyreel is up already over this store");
  expect(second.exitCode).toBe(2);
  expect(await readdir(workshop.folder)).not.toContain("unused");

  const port = new URL(env.POLYREEL_SERVER).port;
  const taken = await workshop.run(["up", "--port", port, "--out", "videos", "--store", "other"]);
  expect(taken.stderr).toMatch(/^error: Something listens on 127\.0\.0\.1:\d+ already\.\n {2}remedy: /);
  expect(taken.exitCode).toBe(2);

  up.child.kill("SIGTERM");
  expect((await up.ended).exitCode).toBe(0);
  expect(await workshop.processesLeft()).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);
});

it("a server serves virtual videos, lists them, and delivers them on request", async () => {
  await workshop.write(
    "virtual.yaml",
    "canvas: {width: 180, height: 320}\noutputs: [{virtual: true}]\n" +
      "blocks: [{name: v, video: {choices: [{source: a.mp4}, {label: short, source: a.mp4, trim: {duration: 500ms}}]}}]\n",
  );
  const up = workshop.start(["up", "--port", "0", "--out", "written", "--store", "virtual-store"]);
  const server = await up.waitForOutput(ADDRESS);
  const env = { POLYREEL_SERVER: server };
  const submitted = await workshop.run(["submit", "virtual.yaml", "--watch"], env);
  expect(submitted.stdout).toMatch(/^2 videos of 2 delivered, virtual, in /);
  const [, url = "", batchId = "", id = ""] =
    /\n {2}first {7}(\S+\/outputs\/(\w+)\/(\w+)\/a\.mp4)\n/.exec(submitted.stdout) ?? [];
  // Only the manifest is written, a moment after the batch has ended.
  const written = () => readdir(workshop.path(`written/${batchId}`)).catch(() => []);
  const visible = async () => (await written()).filter((name) => !name.startsWith(".")).sort();
  await expect.poll(visible).toEqual(["manifest.csv", "manifest.jsonl"]);

  expect((await workshop.run(["list", batchId, "--choice", "v=a"], env)).stdout).toBe(`${id}  delivered  ${url}\n`);
  const sorted = async (order: string) => (await workshop.run(["list", batchId, "--sort", order], env)).stdout;
  expect(await sorted("state,duration:desc")).toMatch(/\/a\.mp4\n.*\/short\.mp4\n$/);
  expect(await sorted("duration")).toMatch(/\/short\.mp4\n.*\/a\.mp4\n$/);
  expect(await workshop.run(["list", batchId, "--sort", "weight"], env)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('error: Cannot sort by "weight".'),
  });
  expect((await workshop.run(["open", batchId, id], env)).stdout).toBe(`${server}/outputs/${batchId}/${id}\n`);
  const unknownVideo = await workshop.run(["open", batchId, "nobody"], env);
  expect(unknownVideo).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("error: There is no video at ") });

  const fetched = await workshop.run(["fetch", batchId, id, "--out", "fetched"], env);
  expect(fetched.exitCode).toBe(0);
  const served = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect((await readFile(workshop.path("fetched/a.mp4"))).equals(served)).toBe(true);

  // One of them is written after all; repeating the request changes nothing.
  const deliver = ["deliver", batchId, id, "--to", "chosen", "--request-id", "one"];
  const delivered = await workshop.run([...deliver, "--watch", "-q"], env);
  expect(delivered).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^2 videos of 2 delivered/) });
  expect(delivered.stderr).toBe("run 2: 1 combination\n");
  expect((await readFile(workshop.path("written/chosen/a.mp4"))).equals(served)).toBe(true);
  expect((await workshop.run(deliver, env)).stdout).toBe("run 2: 1 combination\n");
  expect((await workshop.run(["retry", batchId], env)).stdout).toBe("nothing to do\n");
  const replay = ["replay", batchId, "--since", "1h", "--choice", "v=short", "--to", "chosen", "--json", "-w", "-q"];
  const replayed = JSON.parse((await workshop.run(replay, env)).stdout);
  expect(replayed.outputs).toHaveLength(2);
  expect((await readdir(workshop.path("written/chosen"))).filter((name) => name.endsWith(".mp4"))).toHaveLength(2);
  const unknownCombination = await workshop.run(["deliver", batchId, "nobody"], env);
  expect(unknownCombination).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no combination "nobody"') });
  up.child.kill("SIGTERM");
  expect((await up.ended).exitCode).toBe(0);
});

it("stopping a watcher does not stop the batch", async () => {
  await workshop.film("long.mp4", 20);
  await workshop.write(
    "long.yaml",
    "canvas: {width: 1080, height: 1920}\nblocks: [{name: v, video: {choices: [{source: long.mp4}]}}]\n",
  );
  const up = workshop.start(["up", "--port", "0", "--out", "long", "--store", "long-store"]);
  const env = { POLYREEL_SERVER: await up.waitForOutput(ADDRESS) };
  const watching = workshop.start(["submit", "long.yaml", "--watch"], env);
  const [, batchId = ""] = (await watching.waitForOutput(/batch b\w+/)).split(" ");
  watching.child.kill("SIGINT");
  const { exitCode, stderr } = await watching.ended;
  expect(exitCode).toBe(130);
  expect(stderr).not.toContain("error:");
  expect(stderr).toMatch(`The batch goes on: polyreel watch ${batchId}, or polyreel cancel ${batchId}\n`);
  expect((await workshop.run(["cancel", batchId], env)).stdout).toBe(`${batchId} is cancelled: 0 videos delivered\n`);
  up.child.kill("SIGINT");
  expect((await up.ended).exitCode).toBe(0);
});

it("a server survives batches that are cancelled at any moment", { timeout: 240_000 }, async () => {
  await workshop.film("moments.mp4", 12);
  const up = workshop.start(["up", "--port", "0", "--out", "cancelled", "--store", "cancelled-store"]);
  const env = { POLYREEL_SERVER: await up.waitForOutput(ADDRESS) };
  const connection = connectTo(env.POLYREEL_SERVER);
  try {
    for (let round = 0; round < 3; round++) {
      const choice = (i: number) =>
        `{label: c${i}, source: moments.mp4, trim: {start: ${i * 250 + round}ms, duration: 200ms}}`;
      const choices = Array.from({ length: 40 }, (_, i) => choice(i)).join(", ");
      await workshop.write(
        `round${round}.yaml`,
        `canvas: {width: 180, height: 320}\nblocks: [{name: v, video: {choices: [${choices}]}}]\n`,
      );
      const { stdout } = await workshop.run(["submit", `round${round}.yaml`, "--request-id", `r${round}`], env);
      const batchId = stdout.trim();
      // The others are in different phases of processing when one more is ready.
      let ready = 0;
      for await (const { update } of connection.batches.watchBatch({ batchId })) {
        if (update.case === "part" && ++ready > round) break;
      }
      await connection.batches.cancelBatch({ batchId });
    }
    const { batches } = await connection.batches.listBatches({});
    expect(batches).toHaveLength(3);
  } finally {
    connection.close();
  }
  up.child.kill("SIGINT");
  const { exitCode, stderr } = await up.ended;
  expect(stderr).not.toContain("error");
  expect(exitCode).toBe(0);
  expect(await readdir(workshop.path("cancelled-store/tmp"))).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);
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
  const args = ["up", "--port", "0", "--out", "strays", "--store", "strays-store"];
  const first = workshop.start(args, { NODE_OPTIONS: `--import=${workshop.path("stray.mjs")}` });
  const server = await first.waitForOutput(ADDRESS);
  const batchId = (await workshop.run(["submit", "work.yaml", "--server", server])).stdout.trim();
  await expect.poll(() => workshop.pidOf(/ffmpeg .*libx264/), { timeout: 30_000 }).toBeDefined();
  first.child.kill("SIGUSR2");
  const { exitCode, stderr } = await first.ended;
  expect(exitCode).toBe(1);
  expect(stderr).toContain(
    `error: Something went wrong inside Polyreel: escaped. In work: ${batchId}; what is made stays made.\n  remedy: Start`,
  );
  expect(await workshop.processesLeft()).toEqual([]);
  expect(await workshop.temporaryFiles()).toEqual([]);
  const second = workshop.start(args);
  const watched = await workshop.run([
    "watch",
    batchId,
    "--json",
    "-q",
    "--server",
    await second.waitForOutput(ADDRESS),
  ]);
  expect(JSON.parse(watched.stdout)).toMatchObject({ combinations: { delivered: 1, failed: 0 } });
  second.child.kill("SIGINT");
  expect((await second.ended).exitCode).toBe(0);
});

it("a restarted server still knows its batches", async () => {
  const first = workshop.start(["up", "--port", "0", "--out", "videos", "--store", "kept"]);
  const submit = ["submit", "batch.yaml", "--watch", "--json", "-q", "--server", await first.waitForOutput(ADDRESS)];
  const submitted = await workshop.run(submit);
  const { batchId } = JSON.parse(submitted.stdout);
  first.child.kill("SIGINT");
  await first.ended;
  const second = workshop.start(["up", "--port", "0", "--out", "videos", "--store", "kept"]);
  const watched = await workshop.run([
    "watch",
    batchId,
    "--json",
    "-q",
    "--server",
    await second.waitForOutput(ADDRESS),
  ]);
  expect(JSON.parse(watched.stdout)).toMatchObject({ batchId, combinations: { delivered: 1, failed: 1 } });
  second.child.kill("SIGINT");
  expect((await second.ended).exitCode).toBe(0);
});

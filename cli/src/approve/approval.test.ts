import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.film("a.mp4", 1);
  await workshop.write(
    "batch.yaml",
    "name: sale\napprove: true\ncanvas: {width: 180, height: 320}\n" +
      "blocks: [{name: v, video: {choices: [{source: a.mp4}," +
      " {label: short, source: a.mp4, trim: {duration: 500ms}}, {label: mid, source: a.mp4, trim: {duration: 700ms}}]}}]\n",
  );
});
afterAll(() => workshop.close());

it("shows what waits for approval, and has it approved and rejected", async () => {
  const up = await workshop.up(["--out", "videos"]);
  const { run } = up;

  const submitted = await run("submit", "batch.yaml", "--watch");
  expect(submitted.exitCode).toBe(0); // nothing failed
  expect(submitted.stdout).toMatch(/^0 videos of 3 delivered, in /);
  const [, batchId = ""] =
    /\n3 combinations wait for approval:\n {2}look {6}polyreel list (\w+) /.exec(submitted.stdout) ?? [];
  expect(submitted.stdout).toContain(`\n  approve   polyreel approve ${batchId}\n`);
  expect(await readdir(workshop.path("videos"))).toEqual([]);
  expect((await run("list")).stdout).toMatch(
    new RegExp(`^${batchId} .* {2}awaiting {3}0/3, 3 awaiting approval {2}sale\n$`),
  );

  const listed = await run("list", batchId, "--state", "awaiting");
  const ids = listed.stdout.split("\n").flatMap((line) => {
    const [, id, name] = /^(\w+) {2}awaiting {3}\S+\/outputs\/\w+\/\w+\/(\w+)\.mp4$/.exec(line) ?? [];
    return id && name ? [[name, id] as const] : [];
  });
  const { a = "", short = "", mid = "" } = Object.fromEntries(ids);
  expect((await run("show", batchId, a)).stdout).toContain(
    `approval     polyreel approve ${batchId} ${a}, or polyreel reject\n`,
  );
  expect((await run("fetch", batchId, "--awaiting", "--out", "to-approve")).stdout).toMatch(/^3 files in /);
  expect(await readdir(workshop.path("videos"))).toEqual([]);

  const approved = await run("approve", batchId, a, "--watch", "-q");
  expect(approved).toMatchObject({ exitCode: 0, stderr: "run 2: 1 combination approved\n" });
  expect(approved.stdout).toMatch(/^1 video of 3 delivered/);
  expect(approved.stdout).toContain("\n2 combinations wait for approval:\n");
  expect(await readdir(workshop.path(`videos/${batchId}`))).toContain("a.mp4");

  const rejected = await run("reject", batchId, short, "--reason", "too short");
  expect(rejected).toMatchObject({ exitCode: 0, stdout: "run 3: 1 combination rejected\n" });
  const shown = async () => (await run("show", batchId, short)).stdout;
  await expect.poll(shown, { timeout: 20_000 }).toMatch(/rejected, \d+ %\n {2}reason {7}too short\n/);
  const twice = await run("reject", batchId, short);
  expect(twice).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("does not wait for approval") });

  const ended = await run("reject", batchId, mid, "--watch", "--json", "-q");
  expect(ended.exitCode).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    combinations: { delivered: 1, failed: 0, awaitingApproval: 0, approved: 1, rejected: 2 },
  });
  expect((await run("approve", batchId)).stdout).toBe("nothing waits for approval\n");
  const text = await run("list", batchId, "--state", "rejected");
  expect(text.stdout).toContain(`${short}  rejected   short: too short\n`);
  expect((await up.stop()).exitCode).toBe(0);
});

it("refuses to render a batch that needs approval without a server", async () => {
  const { exitCode, stderr } = await workshop.run(["render", "batch.yaml", "--out", "rendered"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^error: The batch's videos wait for approval, .*\n/);
  expect(stderr).toContain("polyreel up");
  expect(await readdir(workshop.folder)).not.toContain("rendered");
});

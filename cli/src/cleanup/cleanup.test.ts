import { readdir, readFile } from "node:fs/promises";
import { Releasers } from "@polyreel/platform";
import { openStore, scopedStore } from "@polyreel/platform/blobs";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { NEEDS_SEAWEED, SEAWEED, startSeaweed } from "@polyreel/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

/** For machines that are busy with other tests. */
const PATIENT = { timeout: 20_000 };

const releasers = new Releasers();
let workshop: Workshop;

const batchOf = (...films: string[]) =>
  "canvas: {width: 90, height: 160}\n" +
  `blocks: [{name: v, video: {sound: muted, choices: [${films.map((film) => `{source: ${film}}`).join(", ")}]}}]\n`;

beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.film("a.mp4", 0.4, 330);
  await workshop.film("b.mp4", 0.4, 440);
  await workshop.write("first.yaml", batchOf("a.mp4"));
  await workshop.write("second.yaml", batchOf("a.mp4", "b.mp4"));
});
afterAll(() => releasers.close());
afterAll(() => workshop.close());

const files = async (folder: string) => (await readdir(workshop.path(folder)).catch(() => [])).sort();

/** The kind of a store, its variables, and flags of `up`. */
type Home = readonly [string, () => Promise<Record<string, string>>, readonly string[]];

const FOLDER: Home = ["a folder", async () => ({ POLYREEL_STORE: workshop.path("store") }), []];

const BUCKET: Home = [
  "a bucket",
  async () => {
    const { bucket, endpoint, keys } = releasers.use(await startSeaweed());
    return {
      POLYREEL_STORE: `s3://${bucket}/cleanup?endpoint=${endpoint}`,
      POLYREEL_CACHE: workshop.path("cache"),
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    };
  },
  ["--state", "state"],
];

it.for([FOLDER, BUCKET])(
  "delete, cleanup and rebuild leave what others use, and what is known, in %s",
  async ([name, open, flags], { skip }) => {
    skip(open === BUCKET[1] && !SEAWEED, NEEDS_SEAWEED.meta?.skipReason);
    const env = await open();
    const store = await openStore(readStoreConfig(env));
    const stored = (prefix: string) => scopedStore(store, "default").segments(prefix);
    const out = name.replace(" ", "-");
    const up = await workshop.up(["--out", out, ...flags], env);
    const { run } = up;
    const submitted = async (file: string): Promise<string> =>
      JSON.parse((await run("submit", file, "--watch", "--json", "-q")).stdout).batchId;
    const [first, second] = [await submitted("first.yaml"), await submitted("second.yaml")];

    expect(await run("cleanup")).toMatchObject({ exitCode: 0, stdout: "nothing removed\n", stderr: "" });
    expect(await run("delete", first)).toMatchObject({
      exitCode: 0,
      stdout: `${first} is deleted, with 0 parts (0 bytes) that no other batch uses\n`,
      stderr: "",
    });
    await expect.poll(() => files(out), PATIENT).toEqual([second]);
    const again = await run("delete", first);
    expect(again).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining("error: There is no batch"),
    });
    expect((await run("fetch", second, "--out", `${out}-fetched`)).exitCode).toBe(0);
    for (const name of ["a.mp4", "b.mp4"]) {
      const written = await readFile(workshop.path(`${out}/${second}/${name}`));
      expect(written.equals(await readFile(workshop.path(`${out}-fetched/${name}`)))).toBe(true);
    }

    const known = (await run("list", "--json")).stdout;
    expect(JSON.parse(known)).toMatchObject({ batchId: second, combinations: { delivered: 2 } });
    const rebuilt = await run("rebuild", "--quiet");
    expect(rebuilt).toMatchObject({ exitCode: 0, stderr: "" });
    expect(rebuilt.stdout).toMatch(/^rebuilt from the event stream, up to position \d+\n$/);
    expect((await run("list", "--json")).stdout).toBe(known);

    const dryRun = await run("cleanup", "--older-than", "0s", "--dry-run");
    expect(dryRun).toMatchObject({ exitCode: 0, stderr: "" });
    expect(dryRun.stdout).toMatch(
      new RegExp(
        `^${second}  [-\\d]+ [:\\d]+ +[\\d.]+ kB  age   \\n1 batch with [\\d.]+ kB of videos, 2 parts \\([\\d.]+ kB\\) would be removed\\n$`,
      ),
    );
    expect((await run("cleanup", "--max-size", "1GB", "--dry-run")).stdout).toBe("nothing would be removed\n");
    expect((await run("list", "--json")).stdout).toBe(known);
    const cleaned = await run("cleanup", "--max-size", "1kB", "--json");
    expect(cleaned).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(cleaned.stdout)).toMatchObject({
      dryRun: false,
      batches: [{ batchId: second, tenant: "default", reason: "size", parts: { count: 2 } }],
      parts: { count: 2 },
      decodedSounds: { count: 0, bytes: 0 },
    });
    await expect.poll(async () => (await run("list", "--json")).stdout, PATIENT).toBe("");
    expect(await files(out)).toEqual([]);
    expect(await stored("parts/clip")).toEqual([]);
    await expect.poll(() => stored("plans"), PATIENT).toEqual([]);

    expect((await up.stop()).exitCode).toBe(0);
  },
);

it.each([
  ["an age", ["--older-than", "30"], "argument '30' is invalid. Give a time like 30d, 2w, 12h or 90m."],
  ["a size", ["--max-size", "much"], "argument 'much' is invalid. Give a size like 50GB, 1.5TB or 10GiB."],
])("exits with 2 if the value is not %s", async (_what, flags, message) => {
  const { exitCode, stdout, stderr } = await workshop.run(["cleanup", ...flags]);
  expect(stderr).toContain(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
});

it("a server with an invalid retention setting reports it and does not start", async () => {
  const args = ["up", "--port", "0", "--out", "unused", "--store", "other"];
  const { exitCode, stderr } = await workshop.run(args, { POLYREEL_RETENTION: "30" });
  expect(stderr).toContain('POLYREEL_RETENTION (how long batches are kept after their end): "30" is no span of time');
  expect(exitCode).toBe(2);
});

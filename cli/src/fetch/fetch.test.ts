import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

// Runs the real command and a real server.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

const files = async (folder: string) =>
  (await readdir(workshop.path(folder), { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile())
    .map((one) => `${one.parentPath}/${one.name}`.slice(workshop.path(folder).length + 1))
    .sort();

it("fetch copies all delivered outputs under their names, or only the named ones", async () => {
  await workshop.film("a.mp4", 0.4);
  await workshop.write(
    "batch.yaml",
    `canvas: { width: 90, height: 160 }
blocks:
  - name: hook
    video: { choices: [{ source: a.mp4 }] }
  - name: title
    text: { choices: [{ label: one, text: One }, { label: two, text: Two }] }
outputs:
  - { as: "{title}/{hook}.mp4", to: [{ folder: { path: final } }, { virtual: {} }] }
  - { thumbnail: { width: 40 }, to: [{ virtual: {} }] }
naming: "{title}"
`,
  );
  const { run } = await workshop.up(["--out", "videos"]);
  const { batchId } = JSON.parse((await run("submit", "batch.yaml", "--watch", "--json", "-q")).stdout);

  const all = await run("fetch", batchId, "--out", "all");
  expect(all).toMatchObject({
    exitCode: 0,
    stdout: `4 files in ${workshop.path("all")}, listed in manifest.csv and manifest.jsonl\n`,
  });
  expect(all.stderr.trimEnd().split("\n").sort()).toEqual(["one.jpg", "one/a.mp4", "two.jpg", "two/a.mp4"]);
  const manifests = ["manifest.csv", "manifest.jsonl"];
  expect(await files("all")).toEqual([...manifests, "one.jpg", "one/a.mp4", "two.jpg", "two/a.mp4"]);
  const listed = (await readFile(workshop.path("all/manifest.jsonl"), "utf8")).trimEnd().split("\n");
  const paths = new Set(listed.map((line) => JSON.parse(line).file));
  expect([...paths].sort()).toEqual(["one.jpg", "one/a.mp4", "two.jpg", "two/a.mp4"]);
  expect(await readFile(workshop.path("all/manifest.csv"), "utf8")).toMatch(/^\uFEFFhook,title,file,poster,/);
  const written = await readFile(workshop.path("videos/final/two/a.mp4"));
  expect(written.equals(await readFile(workshop.path("all/two/a.mp4")))).toBe(true);

  const some = await run("fetch", batchId, "--output", "poster", "--choice", "title=two", "--out", "posters", "-q");
  expect(some).toMatchObject({
    exitCode: 0,
    stdout: `1 file in ${workshop.path("posters")}, listed in manifest.csv and manifest.jsonl\n`,
    stderr: "",
  });
  expect(await files("posters")).toEqual([...manifests, "two.jpg"]);
  const { id } = JSON.parse(listed[0] ?? "");
  expect(await run("fetch", batchId, id, "--out", "one", "-q")).toMatchObject({ exitCode: 0 });
  expect(await files("one")).toEqual(["one.jpg", "one/a.mp4"]);
});

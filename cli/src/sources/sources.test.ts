import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;
let up: Awaited<ReturnType<Workshop["up"]>>;
beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.film("a.mp4", 0.4, 330);
  await workshop.film("b.mp4", 0.4, 440);
  up = await workshop.up(["--out", "videos"]);
});
afterAll(() => workshop.close());

const json = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

it("puts, lists, shows, updates and deletes sources of a server", async () => {
  const put = await up.run("sources", "put", "a.mp4", "b.mp4", "--title", "Spring sale", "-l", "ads", "--json");
  expect(put).toMatchObject({ exitCode: 0, stderr: "" });
  const [a, b] = json(put.stdout);
  expect([a, b]).toMatchObject([
    { fileName: "a.mp4", known: false },
    { fileName: "b.mp4", known: false },
  ]);
  expect((await up.run("sources", "put", "a.mp4")).stdout).toBe(`${a.sha256}  a.mp4 (known)\n`);

  const listed = await up.run("sources", "list", "--sort", "size_bytes desc");
  expect(listed.stdout.split("\n")).toHaveLength(3);
  expect(listed.stdout).toMatch(
    new RegExp(`${a.sha256.slice(0, 12)}  \\S+ \\S+ +[\\d.]+ kB  a.mp4  "Spring sale"  #ads`),
  );

  const shown = await up.run("sources", "show", a.sha256.slice(0, 8));
  expect(shown.stdout).toMatch(/container +mov,mp4.*\n +duration +0\.\d s\n +stream +h264, \d+x\d+, .*\n +stream +aac/);
  const updated = await up.run("sources", "update", a.sha256, "--description", "Used in May", "--no-labels", "--json");
  expect(json(updated.stdout)).toMatchObject([
    { title: "Spring sale", description: "Used in May", labels: [], probe: { streams: [{ kind: "picture" }, {}] } },
  ]);
  expect(json((await up.run("sources", "list", "--label", "ads", "--json")).stdout)).toMatchObject([
    { sha256: b.sha256 },
  ]);

  await workshop.write("batch.yaml", `blocks: [{name: v, video: {choices: [{source: {sha256: ${a.sha256}}}]}}]\n`);
  const { batchId } = json((await up.run("submit", "batch.yaml", "--watch", "--json", "-q")).stdout)[0];
  expect(await up.run("sources", "delete", a.sha256)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`The source cannot be deleted, because batch ${batchId} uses it.`),
  });
  expect(json((await up.run("sources", "show", a.sha256, "--json")).stdout)).toMatchObject([{ usedBy: [batchId] }]);
  await up.run("delete", batchId);
  expect(await up.run("sources", "delete", a.sha256)).toMatchObject({
    exitCode: 0,
    stdout: `${a.sha256} is deleted\n`,
  });
  expect(json((await up.run("sources", "list", "--json")).stdout)).toMatchObject([{ sha256: b.sha256 }]);
});

it.each([
  ["a file that is missing", ["put", "none.mp4"], "none.mp4: The file does not exist."],
  ["no file", ["put"], "Nothing to put is named."],
  ["no change", ["update", "0".repeat(64)], "Nothing to change is given."],
  ["a hash that is none", ["show", "clip.mp4"], '"clip.mp4" is not the hash of a source.'],
  ["an unknown hash", ["show", "0123456789"], "There is no source whose hash begins with 0123456789."],
  ["an unknown source", ["delete", "0".repeat(64)], "There is no source 0000"],
  ["an unknown action", ["remove", "0".repeat(64)], "Allowed choices are list, show, put, update, delete."],
])("refuses %s", async (_what, args, message) => {
  const { exitCode, stdout, stderr } = await up.run("sources", ...args);
  expect(stderr).toContain(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
});

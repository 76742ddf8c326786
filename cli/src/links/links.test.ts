import { execFile } from "node:child_process";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Server, Workshop } from "../testing/workshop.js";

// Runs the real commands and a real server.

const execute = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../../bin/polyreel.mjs", import.meta.url));

let workshop: Workshop;
let server: Server;
let run: Server["run"];
let batchId: string;

beforeAll(async () => {
  workshop = await Workshop.open();
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
  - { as: "{title}/{hook}-{title}.mp4", to: [{ folder: { path: final } }, { virtual: {} }] }
  - { thumbnail: { width: 40 }, to: [{ virtual: {} }] }
naming: "{title}"
`,
  );
  server = await workshop.up(["--out", "videos"]);
  ({ run } = server);
  batchId = JSON.parse((await run("submit", "batch.yaml", "--watch", "--json", "-q")).stdout).batchId;
}, 120_000);
afterAll(() => workshop.close());

const lines = async (...args: string[]) => (await run(...args)).stdout.trimEnd().split("\n");
const expiresIn = (link: string) => Number(new URL(link).searchParams.get("expires")) - Date.now() / 1000;
const get = async (link: string) => Buffer.from(await (await fetch(link)).arrayBuffer());

describe("links", () => {
  it("prints one to each delivered output, a line each", async () => {
    const all = await lines("links", batchId);
    expect(all).toHaveLength(4);
    const written = await readFile(workshop.path("videos/final/two/a-two.mp4"));
    const two = all.find((link) => link.includes("/two/a-two.mp4?")) ?? "";
    expect((await get(two)).equals(written)).toBe(true);
    expect((await fetch(`${two}x`)).status).toBe(403);
    expect(Math.abs(expiresIn(two) - 86_400)).toBeLessThan(60);
  });

  it("prints some, for another time, as JSON", async () => {
    const [one = "", ...more] = await lines(
      "links",
      batchId,
      "--output",
      "poster",
      "--choice",
      "title=two",
      "--lifetime",
      "2h",
      "--json",
    );
    expect(more).toEqual([]);
    const { id, output, link } = JSON.parse(one);
    expect([output, Math.abs(expiresIn(link) - 7200) < 60]).toEqual(["poster", true]);
    expect(await lines("links", batchId, id)).toHaveLength(2);
  });

  it("prints one to an archive or a manifest", async () => {
    const [zip = ""] = await lines("links", batchId, "--zip", "--output", "video");
    expect((await get(zip)).subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
    const [manifest = ""] = await lines("links", batchId, "--manifest", "csv");
    expect((await get(manifest)).toString()).toContain(",link\r\n");
  });

  it.each([
    [["links", "b0"], 'There is no batch "b0".'],
    [["links", "$batch", "c0"], "Combination c0 is neither delivered nor waiting for approval."],
    [["links", "$batch", "c0", "--zip"], "can't be given with ids"],
    [["links", "$batch", "--lifetime", "8d"], "7d, which is the longest"],
    [["links", "$batch", "--lifetime", "soon"], "Write it as in"],
    [["links", "$batch", "--zip", "--output", "video2"], 'Did you mean "video"?'],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stderr } = await run(...args.map((one) => (one === "$batch" ? batchId : one)));
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe("list and show", () => {
  it("have them, in text, tables and JSON", async () => {
    const [text = ""] = await lines("list", batchId, "--links", "--lifetime", "1h");
    expect(text).toMatch(/^\S+ {2}delivered {2}http:\S+&signature=[\w-]{43}$/);
    expect(await lines("list", batchId, "--csv", "--links")).toEqual([
      "id,state,hook,title,path,url,reason,code,link\r",
      expect.stringContaining("&signature="),
      expect.stringContaining("&signature="),
    ]);
    const [json = "{}"] = await lines("list", batchId, "--json");
    const { id, url, link } = JSON.parse(json);
    expect(link.startsWith(`${url}?key=`)).toBe(true);
    const [poster = "{}"] = await lines("list", batchId, "--output", "poster", "--json");
    expect(JSON.parse(poster).outputs[0].link).toContain("&signature=");
    const shown = JSON.parse((await run("show", batchId, id, "--lifetime", "7d", "--json")).stdout);
    expect(expiresIn(shown.outputs[0].link)).toBeGreaterThan(6.9 * 86_400);
    expect((await run("list", "--links")).exitCode).toBe(2);
  });
});

describe("fetch --zip", () => {
  it("writes one archive of the same files, completely or not at all", async () => {
    const { exitCode, stdout } = await run("fetch", batchId, "--zip", "all.zip");
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(workshop.path("all.zip"))]);
    const script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), sorted(z.namelist()))";
    const printed = (await execute("python3", ["-c", script, workshop.path("all.zip")])).stdout;
    expect(printed).toBe("None ['one.jpg', 'one/a-one.mp4', 'two.jpg', 'two/a-two.mp4']\n");
    await writeFile(workshop.path("kept.zip"), "kept");
    expect((await run("fetch", batchId, "--zip", "kept.zip", "--choice", "title=three")).stderr).toContain(
      'has no choice "three"',
    );
    expect(await readFile(workshop.path("kept.zip"), "utf8")).toBe("kept");
    expect((await run("fetch", batchId, "--zip", "nowhere/all.zip")).stderr).toContain("can't be written (ENOENT)");
    expect((await readdir(workshop.path("."))).filter((name) => name.startsWith(".polyreel-"))).toEqual([]);
  });
});

it("runs every command of the guide's page", async () => {
  const page = await readFile(new URL("../../../docs/guide/links.md", import.meta.url), "utf8");
  const { url } = server;
  const id = JSON.parse((await lines("list", batchId, "--json"))[0] ?? "{}").id;
  await workshop.write("npx", `#!/bin/sh\nshift\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(workshop.path("npx"), 0o755);
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = ""]) => block.trimEnd().split("\n"))
    .map((line) =>
      line
        .replaceAll("<batch id>", batchId)
        .replaceAll("<combination id>", id)
        .replaceAll("http://127.0.0.1:8080", url)
        .replace("hook=hook-a", "hook=a"),
    );
  expect(commands).toHaveLength(12);
  const env = { ...process.env, PATH: `${workshop.folder}:${process.env.PATH}`, POLYREEL_SERVER: url };
  for (const command of commands) {
    const { stdout } = await execute("bash", ["-o", "pipefail", "-c", command], { cwd: workshop.folder, env });
    if (/^npx polyreel links [^|]*$/.test(command)) expect(stdout, command).toMatch(/^http.*&signature=/);
  }
  expect((await readdir(workshop.folder)).sort()).toEqual(
    expect.arrayContaining(["a-one.mp4", "a-two.mp4", "first.mp4", "list.csv", "one.jpg", "two.jpg", "videos.zip"]),
  );
}, 60_000);

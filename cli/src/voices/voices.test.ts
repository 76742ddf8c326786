import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loud, silent } from "@polyreel/tts/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

const CONFIG = JSON.stringify({
  ...{ audio: { sample_rate: 22_050, quality: "low" }, espeak: { voice: "en-us" }, language: { code: "en_GB" } },
  phoneme_id_map: { _: [0], "^": [1], $: [2], " ": [3], w: [4], t: [5] },
});
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let workshop: Workshop;
const server = createServer(async ({ url = "/" }, response) => {
  const { pathname, search } = new URL(url, "http://x");
  const file = await readFile(workshop.path(`files${pathname}`)).catch(() => undefined);
  response.writeHead(file && search === "?key=1" ? 200 : 404).end(file);
});
let url: string;
let env: Record<string, string>;
beforeAll(async () => {
  workshop = await Workshop.open();
  await mkdir(workshop.path("files"));
  await put("en_GB-tess-low", loud);
  await put("en_GB-mute-low", silent);
  await put("en_GB-junk-low", randomBytes(5_000));
  await writeFile(workshop.path("files/en_GB-alone-low.onnx"), loud);
  await mkdir(workshop.path("files/en_GB-dir-low.onnx"));
  await writeFile(workshop.path("files/en_GB-dir-low.onnx.json"), CONFIG);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  env = { POLYREEL_PIPER_VOICES: workshop.path("voices"), POLYREEL_FETCH_ALLOW: "127.0.0.1" };
});
afterAll(async () => {
  server.close();
  await workshop?.close();
});

async function put(name: string, model: Uint8Array): Promise<void> {
  await writeFile(workshop.path(`files/${name}.onnx`), model);
  await writeFile(workshop.path(`files/${name}.onnx.json`), CONFIG);
}
const voices = (...args: string[]) => workshop.run(["voices", ...args], env);
const inFolder = () => readdir(workshop.path("voices")).catch(() => []);

it("adds, lists, prefers and removes a voice, by its address or file", async () => {
  const hint = /^Local neural voices: polyreel voices add /m;
  expect((await voices()).stderr).toMatch(hint);
  const added = await voices("add", `${url}/en_GB-tess-low.onnx?key=1`, "--sha256", sha256(loud));
  expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("licence  unknown") });

  const listed = await voices();
  expect(listed.stderr).not.toMatch(hint);
  expect(listed.stdout.split("\n")[1]).toMatch(/^en_GB-tess-low +en-GB +piper$/);

  // The same voice again, now with a card.
  await writeFile(workshop.path("files/MODEL_CARD"), "# tess\n* License: CC0\n");
  const again = await voices("add", workshop.path("files/en_GB-tess-low.onnx"), "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({
    ...{ name: "en_GB-tess-low", language: "en-GB", quality: "low", sizeBytes: loud.length, sha256: sha256(loud) },
    ...{ licence: "CC0", voices: ["en_GB-tess-low"] },
  });
  expect((await inFolder()).sort()).toEqual(
    ["", ".MODEL_CARD", ".json"].map((ending) => `en_GB-tess-low.onnx${ending}`),
  );

  await put("en_GB-tess-low", silent);
  const other = await voices("add", workshop.path("files/en_GB-tess-low.onnx"));
  expect(other).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("There is another voice en_GB-tess-low"),
  });

  expect(await voices("remove", "tess")).toMatchObject({ exitCode: 0, stdout: "Removed en_GB-tess-low.\n" });
  expect(await inFolder()).toEqual([]);
});

it.each<[string, () => string[], string]>([
  ["a silent model", () => [workshop.path("files/en_GB-mute-low.onnx")], "speaks only silence"],
  ["a file that is no model", () => [workshop.path("files/en_GB-junk-low.onnx")], "damaged, or no model of Piper"],
  ["a model alone", () => [workshop.path("files/en_GB-alone-low.onnx")], "There is no file"],
  ["an address of a model alone", () => [`${url}/en_GB-alone-low.onnx?key=1`], "onnx.json does not exist"],
  [
    "another checksum",
    () => [workshop.path("files/en_GB-mute-low.onnx"), "--sha256", "a".repeat(64)],
    "has the SHA-256",
  ],
  ["no checksum", () => ["x.onnx", "--sha256", "a"], "must be 64 hexadecimal digits"],
  ["another file", () => ["voice.zip"], "is no model's file"],
  ["plain http", () => ["http://93.184.216.34/x.onnx"], "is an address of http"],
  ["an inner network", () => ["https://10.0.0.1/x.onnx"], "points into an inner network"],
  ["a folder", () => [workshop.path("files/en_GB-dir-low.onnx")], "is no plain file"],
  ["nothing", () => [], "No voice is given."],
])("refuses to add %s, and leaves nothing behind", async (_, args, reason) => {
  const { exitCode, stderr, stdout } = await voices("add", ...args());
  expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: "", failed: true });
  expect(stderr).toContain(reason);
  expect(stderr).toMatch(/\n {2}remedy: \S/);
  expect(await inFolder()).toEqual([]);
});

it("refuses to remove a voice that is not there", async () => {
  expect(await voices("remove", "../files/en_GB-mute-low")).toMatchObject({ exitCode: 2 });
  expect((await readdir(workshop.path("files"))).length).toBeGreaterThan(5);
});

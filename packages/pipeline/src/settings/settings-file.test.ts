import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@polyreel/platform/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseEntries } from "./parse-entries.js";
import { SettingsFile, type SettingsFormat } from "./settings-file.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-settings-"));
});
afterAll(() => rm(folder, { recursive: true }));

const terms = { plural: "destinations", singular: "destination", variable: "DESTINATIONS", reader: "uploader" };
const format: SettingsFormat<string> = {
  terms,
  parse: (file, text) =>
    parseEntries(file, text, terms, (name, entry, reading) =>
      reading.text(reading.fields(entry, name).path, `${name}.path`),
    ),
};

const PATIENT = { timeout: 20_000, interval: 100 };

it("notices a replaced file, and stays with the last good one while another is wrong or missing", async () => {
  const path = join(folder, "destinations.yaml");
  const lines: { level: string; message: string; err?: { reason: string } }[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(JSON.parse(line)) });
  const replace = async (text: string) => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await replace("archive: {type: folder, path: /a}\n");
  const file = await SettingsFile.open(path, format, log);
  const names = async () => [...(await file.current()).keys()];
  expect(await names()).toEqual(["archive"]);

  await replace("archive: {type: folder, path: /a}\nmore: {type: folder, path: /b}\n");
  await expect.poll(names, PATIENT).toEqual(["archive", "more"]);
  expect(lines.splice(0)).toMatchObject([{ level: "info", destinations: ["archive", "more"] }]);

  await replace("archive: {type: folder}\n");
  await expect.poll(() => names().then(() => lines.length), PATIENT).toBe(1);
  expect(lines.splice(0)).toMatchObject([
    { level: "error", err: { reason: expect.stringContaining("destinations.yaml:1: archive.path: It is missing.") } },
  ]);
  await rm(path);
  await expect.poll(() => names().then(() => lines.length), PATIENT).toBe(1);
  expect(lines.splice(0)).toMatchObject([{ level: "error", err: { reason: expect.stringContaining("ENOENT") } }]);
  expect(await names()).toEqual(["archive", "more"]);

  await replace("more: {type: folder, path: /b}\n");
  await expect.poll(names, PATIENT).toEqual(["more"]);
});

it("refuses to open a file that is missing or not right, and needs none", async () => {
  const log = createLog("test", "silent");
  const missing = {
    code: "invalid",
    failure: { reason: expect.stringMatching(/none\.yaml, can't be read \(ENOENT\)/) },
  };
  await expect(SettingsFile.open(join(folder, "none.yaml"), format, log)).rejects.toMatchObject(missing);
  await writeFile(join(folder, "wrong.yaml"), "archive: {}\n");
  await expect(SettingsFile.open(join(folder, "wrong.yaml"), format, log)).rejects.toMatchObject({ code: "invalid" });
  expect((await (await SettingsFile.open("", format, log)).current()).size).toBe(0);
});

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Engines } from "../engines.js";
import { engineContract } from "../testing/engine-contract.js";
import { CommandEngine } from "./command.js";
import { parseCommand } from "./parse-command.js";

const { signal } = new AbortController();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-command-"));
});
afterAll(() => rm(folder, { recursive: true }));

const ESPEAK = ["espeak-ng", "-v", "en-us", "-b", "1", "--stdin", "--stdout"];

engineContract({ name: "command", varies: true, readsAll: true, open: async () => new CommandEngine(ESPEAK) });

let scripts = 0;
async function script(text: string): Promise<string> {
  const path = join(folder, `speak ${++scripts}`);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}
const speakWith = (words: readonly string[], text = "Half price", rate = 1) =>
  new Engines([new CommandEngine(words)]).speak({ voice: "command", text, rate, pitch: 0, signal, tempDir: folder });

it("takes words, or a JSON list of them", () => {
  expect(parseCommand("")).toEqual([]);
  expect(parseCommand(" /opt/speak  --model a;b $HOME 'c d' ")).toEqual([
    "/opt/speak",
    "--model",
    "a;b",
    "$HOME",
    "'c",
    "d'",
  ]);
  expect(parseCommand('["/opt/my voice", "-m", "a b"]')).toEqual(["/opt/my voice", "-m", "a b"]);
  for (const wrong of ["[", "[]", "[1]"]) expect(() => parseCommand(wrong)).toThrow(/POLYREEL_VOICE_COMMAND/);
});

it("passes the rate, and reads the words and their times", async () => {
  const lines = ['{"text": "Half", "start": 0, "end": 0.3}', '{"text": "prïce", "start": 0.35, "end": 0.8}'];
  const path = await script(
    `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} > "$1"; exec ${ESPEAK.join(" ")} -s "$2"`,
  );
  const { words } = await speakWith([path, "{words}", "15{rate}"], "Half prïce", 2);
  expect(words).toMatchObject([
    { text: "Half", startSeconds: 0, endSeconds: 0.3 },
    { text: "prïce", startSeconds: 0.35, endSeconds: 0.8 },
  ]);
  await expect(speakWith(ESPEAK, "Half price", 2)).rejects.toMatchObject({ failure: { field: "rate" } });
});

it("passes texts to no shell, and no secrets to the program", async () => {
  const path = await script(
    `cat > '${folder}/text'; env > '${folder}/env'; exec ${ESPEAK.join(" ")} < '${folder}/text'`,
  );
  process.env.POLYREEL_TEST_SECRET = "5ec2e7f00d11";
  await speakWith([path], "$(touch /tmp/owned); `id` -h Hello").finally(() => delete process.env.POLYREEL_TEST_SECRET);
  const { readFile } = await import("node:fs/promises");
  expect(await readFile(join(folder, "text"), "utf8")).toBe("$(touch /tmp/owned); `id` -h Hello");
  expect(await readFile(join(folder, "env"), "utf8")).not.toContain("5ec2e7f00d11");
});

it.each([
  ["fails", "echo out of memory >&2; exit 3", "internal", "failed."],
  ["writes no sound", "echo hello", "precondition", "wrote no WAV file"],
  ["writes nothing", "cat > /dev/null", "precondition", "wrote no WAV file"],
])("reports a program that %s", async (_, text, code, reason) => {
  await expect(speakWith([await script(text)])).rejects.toMatchObject({
    code,
    failure: { reason: expect.stringContaining(reason), remedy: expect.stringMatching(/\w/) },
  });
});

it("reports word times that can't be used, by line", async () => {
  for (const second of ["nonsense", '{"text": "b", "start": 0, "end": 1}', "null"]) {
    const path = await script(
      `printf '%s\\n' '{"text": "a", "start": 0, "end": 0.5}' '${second}' > "$1"; exec ${ESPEAK.join(" ")}`,
    );
    await expect(speakWith([path, "{words}"])).rejects.toMatchObject({
      failure: { reason: expect.stringContaining("Line 2 of the word times") },
    });
  }
});

it("names a program that can't be run, and has another build for another program or argument", async () => {
  for (const program of ["no-such-program-5", "./relative", join(folder, "none")]) {
    const { failures } = await new Engines([new CommandEngine([program])]).list();
    expect(failures[0]?.failure).toMatchObject({
      reason: expect.stringContaining("can't be run"),
      remedy: expect.stringContaining("absolute path"),
    });
  }
  const buildOf = async (words: readonly string[]) => (await new CommandEngine(words).voices(signal))[0]?.build;
  const path = await script("exit 0");
  const builds = [await buildOf([path]), await buildOf([path, "-x"])];
  await writeFile(path, "#!/bin/sh\nexit 1\n");
  expect(new Set([...builds, await buildOf([path])]).size).toBe(3);
});

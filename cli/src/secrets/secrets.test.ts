import { writeFile } from "node:fs/promises";
import { makeMasterKey } from "@polyreel/platform/secrets";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Server, Workshop } from "../testing/workshop.js";

const HIDDEN = "5ec2e7f00d";
let workshop: Workshop;
let up: Server;
let keys: [string, string];

const secrets = async (args: readonly string[], stdin?: string) => {
  const { child, ended } = workshop.start(["secrets", ...args], { POLYREEL_SERVER: up.url }, "pipe");
  child.stdin?.on("error", () => {}); // It may end without reading.
  child.stdin?.end(stdin ?? "");
  return await ended;
};

beforeAll(async () => {
  workshop = await Workshop.open();
  keys = [(await workshop.run(["secrets", "keygen"])).stdout, `${makeMasterKey()}\n`];
  await writeFile(workshop.path("secret-keys"), keys[0], { mode: 0o600 });
  await workshop.write("voices.yaml", "eleven: {type: elevenlabs, credentials: secret:eleven}\n");
  up = await workshop.up(["--out", "videos"], {
    POLYREEL_SECRET_KEYS_FILE: workshop.path("secret-keys"),
    POLYREEL_VOICES: workshop.path("voices.yaml"),
  });
}, 120_000);
afterAll(() => workshop.close());

it("sets secrets from standard input, and shows no value", async () => {
  const set = await secrets(["set", "ads", "--tenant", "acme"], HIDDEN);
  expect(set).toMatchObject({ exitCode: 0, stdout: "", stderr: expect.stringContaining("secret:acme/ads") });
  const json = await secrets(["set", "spare", "--json"], HIDDEN);
  expect(JSON.parse(json.stdout)).toMatchObject({ name: "spare", version: 1, keyId: keys[0].split(":")[0] });
  const { stdout } = await secrets(["list"]);
  expect(stdout).toMatch(/^NAME +TENANT +SET +MASTER KEY *\nspare +all +[\d-]+ [\d:]+ +k\d{8}-\w{4} *\nads +acme +/);
  expect(set.stderr + json.stdout + json.stderr + stdout).not.toContain(HIDDEN);
});

it("rotates to a new master key without a restart, and names secrets that need the old one", async () => {
  await writeFile(workshop.path("secret-keys"), keys.toReversed().join(""));
  expect((await secrets(["list"])).stdout.match(/needs rotation/g)).toHaveLength(2);
  const rotated = await secrets(["rotate"]);
  expect(rotated).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("2 secrets are encrypted anew.") });
  await writeFile(workshop.path("secret-keys"), keys[1]);
  expect((await secrets(["list"])).stdout).not.toContain("needs rotation");
  await writeFile(workshop.path("secret-keys"), keys[0]);
  const lost = await secrets(["rotate"]);
  expect(lost).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(keys[1].split(":")[0] ?? "no id") });
  await writeFile(workshop.path("secret-keys"), keys[1]);
});

it("explains a missing secret where it is needed, and nowhere else", async () => {
  const voices = await workshop.run(["voices", "--server", up.url]);
  expect(voices.stderr).toMatch(
    /the voice provider "eleven" can't be used: there is no secret "eleven".*secrets set eleven/s,
  );
  expect(voices.stdout).toContain("slt");
  const local = await workshop.run(["voices"], { POLYREEL_VOICES: workshop.path("voices.yaml") });
  expect(local.stderr).toMatch(/secret "eleven", which only services read\.\s+remedy: Ask a server/);
});

it.each([
  [["set"], "Which secret?"],
  [["set", "a"], "The value is empty."],
  [["remove", "spar"], 'Did you mean "spare"?'],
])("explains what is wrong with %j", async (args, message) => {
  const { exitCode, stderr } = await secrets(args);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
});

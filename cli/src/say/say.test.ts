import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type ProviderServer, startElevenLabsServer, startOpenAiServer } from "@polyreel/tts/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;
let servers: readonly ProviderServer[];
let env: Record<string, string>;
beforeAll(async () => {
  workshop = await Workshop.open();
  servers = [await startElevenLabsServer(), await startOpenAiServer()];
  const [eleven, studio] = servers;
  await writeFile(workshop.path("key"), "sk_5ec2e7f00d11");
  await writeFile(
    workshop.path("voices.yaml"),
    `eleven: {type: elevenlabs, credentials: key, endpoint: "${eleven?.url}", tenants: [acme]}
studio: {type: openai, endpoint: "${studio?.url}/v1", voices: {ann: {gender: female, language: de-AT}, bob: {}}}
brands: {type: lexicon, tenants: [acme], words: {ACME: ack-me}}
`,
  );
  env = { POLYREEL_VOICES: workshop.path("voices.yaml") };
});
afterAll(async () => {
  for (const server of servers ?? []) await server.close();
  await workshop?.close();
});

it.each([
  [["Half price", "--voice", "slt"], ""],
  [["Half price", "--voice", "ann", "--rate", "1.5"], ""],
  [["Half price", "--voice", "Rachel", "--tenant", "acme"], "The provider charges for 10 characters.\n"],
  [["ACME", "--voice", "Rachel", "--tenant", "acme"], "The provider charges for 6 characters.\n"],
])("speaks into a WAV file: %j", async (args, note) => {
  const { exitCode, stdout, stderr } = await workshop.run(["say", ...args, "--out", "said.wav"], env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: note });
  const bytes = await readFile(stdout.trim());
  expect(bytes.toString("latin1", 0, 4) + bytes.toString("latin1", 8, 12)).toBe("RIFFWAVE");
  expect(bytes.length).toBeGreaterThan(5_000);
});

it.each([
  [["Hello", "--voice", "Rachel"], 'The voice "Rachel" is not installed.'],
  [["...", "--voice", "slt"], "This text has nothing to speak."],
  [["Hello", "--voice", "ann", "--pitch", "-2"], "cannot change its pitch"],
  [["Hello", "--rate", "fast"], "Give a number"],
])("refuses %j", async (args, reason) => {
  const { exitCode, stderr } = await workshop.run(["say", ...args], env);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(reason);
});

it("names a file that can't be written", async () => {
  await mkdir(workshop.path("folder"));
  const { exitCode, stderr } = await workshop.run(["say", "Hello", "--voice", "slt", "--out", "folder"], env);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("can't be written (");
});

it("lists voices by language, engine, gender and tenant", async () => {
  const namesOf = async (...flags: string[]) => {
    const { stdout } = await workshop.run(["voices", "--json", ...flags], env);
    return JSON.parse(stdout).voices.map(({ name }: { name: string }) => name);
  };
  expect(await namesOf("--engine", "studio")).toEqual(["ann", "bob"]);
  expect(await namesOf("--language", "de", "--gender", "female")).toEqual(["ann"]);
  expect(await namesOf("--language", "DE-at", "--engine", "studio")).toEqual(["ann", "bob"]);
  expect(await namesOf("--engine", "eleven")).toEqual([]);
  expect(await namesOf("--engine", "eleven", "--tenant", "acme")).toHaveLength(3);
});

it("shows where samples of voices are", async () => {
  const sample = "https://samples.example/rachel.mp3";
  const flags = ["voices", "--engine", "eleven", "--tenant", "acme"];
  expect((await workshop.run([...flags, "--samples"], env)).stdout).toContain(sample);
  expect((await workshop.run(flags, env)).stdout).not.toContain(sample);
  const { stdout } = await workshop.run([...flags, "--json"], env);
  expect(JSON.parse(stdout).voices[0]).toMatchObject({ name: "Rachel", sampleUrl: sample });
});

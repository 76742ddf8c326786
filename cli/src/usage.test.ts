import { chmod, mkdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workshop } from "./testing/workshop.js";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
  await workshop.write("good.yaml", "blocks: [{name: v, video: {choices: [{source: a.mp4}]}}]\n");
  await workshop.write("bad.yaml", "nmae: x\nblocks: 3\n");
  await workshop.write(
    "label.yaml",
    "blocks: [{name: v, video: {choices: [{source: a.mp4}]}}, {name: v, text: {over: [w]}}]\n",
  );
  await workshop.write("file", "");
  await mkdir(workshop.path("empty"));
});
afterAll(() => workshop.close());

describe("wrong usage exits with 2 and a remedy, and prints nothing to standard output", () => {
  it.each([
    ["an unknown command", ["rendr", "good.yaml"], "error: Unknown command 'rendr'.\n  remedy: Did you mean render?"],
    [
      "an unknown flag",
      ["render", "good.yaml", "-o", "x", "--jsn"],
      "error: Unknown option '--jsn'.\n  remedy: Did you mean --json?",
    ],
    ["help of an unknown command", ["help", "wacht"], "error: Unknown command 'wacht'.\n  remedy: Did you mean watch?"],
    ["help of an unknown subcommand", ["help", "store", "x"], "error: Unknown command 'x'.\n  remedy: See"],
    ["a missing argument", ["watch"], "error: Missing required argument 'batchId'.\n  remedy: See"],
    ["a missing second argument", ["show", "b1"], "error: Missing required argument 'combinationId'.\n  remedy: See"],
    ["an invalid port", ["up", "--port", "x"], "argument 'x' is invalid. It must be a number from 0 to 65535."],
    ["a misspelt state", ["list", "--state", "faild"], "deleting.\n  remedy: Did you mean failed?"],
    ["a misspelt action", ["sources", "lst"], "delete.\n  remedy: Did you mean list?"],
    ["no command", [], "Usage: polyreel"],
    [
      "an invalid time",
      ["replay", "b1", "--since", "soon"],
      "Give a time like 2026-05-01T12:00, or how long ago: 2h, 30m.",
    ],
    [
      "a missing batch file",
      ["render", "no.yaml", "-o", "out"],
      "error: The batch file does not exist.\n  where: no.yaml\n  remedy: ",
    ],
    [
      "an invalid batch file, listing all problems",
      ["render", "bad.yaml", "-o", "out"],
      'error: Unknown field "nmae".\n  where: bad.yaml:1:1  nmae\n  remedy: Did you mean "name"?\nerror: "blocks" must be a list, not the number 3.\n  where: bad.yaml:2:9  blocks\n',
    ],
    [
      "an output that is a file",
      ["render", "good.yaml", "-o", "file"],
      "error: This is a file, not a folder.\n  where: file\n  remedy: ",
    ],
    [
      "an output below a file",
      ["render", "good.yaml", "-o", "file/out"],
      "error: This is a file, not a folder.\n  where: file/out\n",
    ],
    [
      "a store that is a file",
      ["render", "good.yaml", "-o", "out", "--store", "file"],
      "error: This is a file, not a folder.\n  where: file\n  remedy: Give another folder with --store",
    ],
    [
      "an output folder that cannot be created",
      ["render", "good.yaml", "-o", "/proc/none/out"],
      "error: The folder can't be made or written to (",
    ],
    [
      "an existing file that init would overwrite",
      ["init", "good.yaml"],
      "error: There is something of this name already.\n  where: good.yaml\n",
    ],
    [
      "an invalid server address",
      ["watch", "b1", "--server", "here"],
      'error: "here" is not the address of a server.\n  remedy: ',
    ],
  ])("%s", async (_what, args, message) => {
    const { exitCode, stdout, stderr } = await workshop.run(args);
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  });

  it("names all missing programs at once", async () => {
    const { exitCode, stderr } = await workshop.run(["render", "good.yaml", "-o", "out"], {
      PATH: workshop.path("empty"),
    });
    expect(stderr).toContain(
      "error: ffmpeg is not installed (or not on the PATH).\n  remedy: Install it: apt-get install ffmpeg",
    );
    expect(stderr).toContain("error: ffprobe is not installed");
    expect(exitCode).toBe(2);
  });

  it("refuses a variable that points to no program", async () => {
    const { exitCode, stderr } = await workshop.run(["render", "good.yaml", "-o", "out"], {
      FFMPEG_PATH: "/no/ffmpeg",
    });
    expect(stderr).toBe(
      'error: FFMPEG_PATH names "/no/ffmpeg", which is no program that can be run.\n' +
        "  remedy: Correct it, or leave it out where the PATH has the program.\n",
    );
    expect(exitCode).toBe(2);
  });

  it("locates a problem found by the services in the batch file", async () => {
    const { exitCode, stderr } = await workshop.run(["render", "label.yaml", "-o", "out"]);
    expect(stderr).toMatch(
      /error: Two blocks are named "v".*\n {2}where: label\.yaml:1:59 {2}blocks\[1\]\.name {2}\(block "v"\)\n {2}remedy: /,
    );
    expect(stderr).toMatch(/where: label\.yaml:1:\d+ {2}blocks\[1\]\.text\.over\[0\]/);
    expect(exitCode).toBe(2);
    expect(await workshop.processesLeft()).toEqual([]);
    expect(await workshop.temporaryFiles()).toEqual([]);
  });
});

it("exits with 1 if the server does not answer", async () => {
  await workshop.write("sent.mp4", "anything");
  await workshop.write("sent.yaml", "blocks: [{name: v, video: {choices: [{source: sent.mp4}]}}]\n");
  for (const args of [
    ["cancel", "b1"],
    ["show", "b1", "c1"],
    ["submit", "sent.yaml"],
  ]) {
    const { exitCode, stderr } = await workshop.run([...args, "--server", "http://127.0.0.1:9"]);
    expect(stderr).toBe(
      "error: No Polyreel server answers at http://127.0.0.1:9.\n  remedy: Start one with `polyreel up`, or give its address with --server.\n",
    );
    expect(exitCode).toBe(1);
  }
});

it("prints help and version as results", async () => {
  for (const args of [["--help"], ["help", "render"], ["up", "--help"], ["show", "--help"]]) {
    const { exitCode, stdout, stderr } = await workshop.run(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: polyreel/);
    expect(stdout).toMatch(/\n {2}polyreel \w+/);
  }
  expect((await workshop.run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it("lists voices as a table and as JSON, best first", async () => {
  const table = await workshop.run(["voices"]);
  expect(table.stdout).toMatch(/^VOICE +LANGUAGE +GENDER +ENGINE\n/);
  const { voices } = JSON.parse((await workshop.run(["voices", "--json"])).stdout);
  expect(voices.length).toBe(table.stdout.trimEnd().split("\n").length - 1);
  expect(voices[0]).toEqual({
    name: expect.any(String),
    engine: expect.any(String),
    language: expect.any(String),
    gender: expect.any(String),
    wordTimes: expect.any(Boolean),
  });
});

it("lists the voices of working engines, with a warning about failing ones", async () => {
  await mkdir(workshop.path("bin"));
  await workshop.write("bin/flite", "#!/bin/sh\nkill -SEGV $$\n");
  await chmod(workshop.path("bin/flite"), 0o755);
  const PATH = `${workshop.path("bin")}:${process.env.PATH}`;
  const { exitCode, stdout, stderr } = await workshop.run(["voices", "--json"], { PATH });
  expect(stderr).toBe(
    "warning: flite failed to list its voices: flite ended by SIGSEGV.\n" +
      "  remedy: Reinstall flite where the speech service runs, or use voices of another engine.\n",
  );
  expect(exitCode).toBe(0);
  const engines = JSON.parse(stdout).voices.map(({ engine }: { engine: string }) => engine);
  expect(new Set(engines)).toEqual(new Set(["espeak-ng"]));
});

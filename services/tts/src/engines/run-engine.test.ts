import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NEEDS_LINUX } from "@polyreel/platform/testing";
import { expect, it, vi } from "vitest";
import { runEngine } from "./run-engine.js";

const { signal } = new AbortController();

it("returns the output, and passes stdin", async () => {
  expect(await runEngine({ program: "cat", args: [], stdin: "grüße", signal })).toBe("grüße");
});

it("distinguishes a missing program from a failing one", async () => {
  await expect(runEngine({ program: "no-such-engine", args: [], signal })).rejects.toMatchObject({ code: "not_found" });
  await expect(runEngine({ program: "false", args: [], signal })).rejects.toMatchObject({ code: "internal" });
});

it("terminates the program and its children when aborted", async () => {
  const controller = new AbortController();
  const mark = `4${process.pid}.125`;
  const running = runEngine({
    program: "sh",
    args: ["-c", `sleep ${mark} & sleep ${mark}`],
    signal: controller.signal,
  });
  await sleep(200);
  expect(sleeping(mark)).toBe(2);
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  await sleep(100);
  expect(sleeping(mark)).toBe(0);
});

it("stops a program that writes without end", NEEDS_LINUX, async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-engine-"));
  try {
    const running = runEngine({ program: "truncate", args: ["-s", "300M", join(folder, "endless")], signal });
    await expect(running).rejects.toMatchObject({ code: "exhausted" });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("passes only necessary environment variables to a program", async () => {
  vi.stubEnv("DATABASE_URL", "postgres://polyreel:secret@host/db");
  try {
    const output = await runEngine({ program: "env", args: [], signal });
    expect(output).toContain("PATH=");
    expect(output).not.toContain("secret");
  } finally {
    vi.unstubAllEnvs();
  }
});

it("stops a program that prints without end", async () => {
  await expect(runEngine({ program: "yes", args: [], signal })).rejects.toMatchObject({ code: "exhausted" });
});

const sleeping = (mark: string): number =>
  execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line === `sleep ${mark}`).length;

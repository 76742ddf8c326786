import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { NEEDS_LINUX } from "../../testing/needs.js";
import { collectOutput } from "../collect-output.js";
import { type ConfinedRun, type RunEnding, runConfined } from "../run-confined.js";

const MIB = 2 ** 20;
const linux = process.platform === "linux";

/** Contract of every way to start a program that `runConfined` uses. */
export function testConfinedRuns(name: string, spawn: Required<ConfinedRun>["spawn"] | undefined): void {
  const mark = `7${process.pid}.25`;
  const defaults = {
    args: [],
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    stallSeconds: 60,
    remedies: { late: "Wait longer.", stalled: "See what it does." },
    bounds: { fileBytes: MIB },
    maxStdoutBytes: MIB,
    tooMuch: () => new Error("too much"),
    ...(spawn && { spawn }),
  };
  const run = (limits: Partial<ConfinedRun> & { program: string }) => collectOutput({ ...defaults, ...limits });
  const shell = (script: string, limits: Partial<ConfinedRun> = {}) =>
    run({ program: "sh", args: ["-c", script], ...limits });

  /** Number of running `sleep`s of these tests. */
  const sleeping = (): number =>
    execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line === `sleep ${mark}`).length;
  const allAsleep = (count: number) => expect.poll(sleeping).toBe(count);

  describe(`runConfined with ${name}`, () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "polyreel-runner-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it("feeds a program and returns its output and ending", async () => {
      const ending = await shell("cat; echo oops >&2; exit 3", { stdin: "grüße" });
      expect(ending).toEqual({ code: 3, signal: null, missing: false, stdout: "grüße", stderr: "oops\n" });
      const bytes = async function* () {
        yield Buffer.from("one ");
        yield Buffer.from("two");
      };
      expect((await run({ program: "cat", stdin: bytes() })).stdout).toBe("one two");
    });

    it("returns all output left in the pipe after the end, however slowly it is read", async () => {
      let read = 0;
      await runConfined({
        ...defaults,
        program: "head",
        args: ["-c", "100000", "/dev/zero"],
        onStdout: async (chunk) => {
          await sleep(1_300); // Longer than the pipes of an exited program may be quiet.
          read += chunk.length;
        },
      });
      expect(read).toBe(100_000);
    });

    it("distinguishes a missing program from one that fails", async () => {
      expect(await run({ program: "polyreel-no-such-program" })).toMatchObject({ missing: true });
      const failed: RunEnding = await shell("echo failed to execute it >&2; exit 1");
      expect(failed).toMatchObject({ code: 1, missing: false });
    });

    it("starts nothing if it is already cancelled", async () => {
      const file = join(folder, "started");
      const aborted = shell(`touch ${file}`, { signal: AbortSignal.abort() });
      await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
      await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    });

    it.each([
      ...(linux ? [["hangs", () => ({ stallSeconds: 0.3 }), "exhausted", /no progress/] as const] : []),
      ["works past its deadline", () => ({ deadlineSeconds: 0.3 }), "exhausted", /longer than/],
      ["is cancelled", () => ({ signal: AbortSignal.timeout(300) }), "cancelled", /cancelled/],
    ] as const)("ends a program that %s, and its grandchildren", async (_what, limits, code, reason) => {
      const script = `(sleep ${mark} & sleep ${mark}) & sleep ${mark}`;
      await expect(shell(script, limits())).rejects.toMatchObject({ code, message: expect.stringMatching(reason) });
      await allAsleep(0);
    });

    it("kills a program that ignores SIGTERM, and its grandchildren", async () => {
      const script = `trap '' TERM; sleep ${mark} & while :; do sleep 0.05; done`;
      const stubborn = shell(script, { deadlineSeconds: 0.3 });
      await expect(stubborn).rejects.toMatchObject({ code: "exhausted" });
      await allAsleep(0);
    });

    it("ends the children that a program leaves behind", async () => {
      expect((await shell(`sleep ${mark} & echo done`)).stdout).toBe("done\n");
      await allAsleep(0);
      expect((await shell(`sleep ${mark} >/dev/null 2>&1 & echo done`)).stdout).toBe("done\n");
      await allAsleep(0);
    });

    it("does not wait for a grandchild that left the process group and holds the pipes", NEEDS_LINUX, async () => {
      const file = join(folder, "pid");
      const began = Date.now();
      const ending = await shell(`setsid sh -c 'echo $$ > ${file}; exec sleep 60' & sleep 0.2; echo done`);
      try {
        expect(ending).toMatchObject({ code: 0, stdout: "done\n" });
        expect(Date.now() - began).toBeLessThan(30_000);
      } finally {
        process.kill(Number(await readFile(file, "utf8")), "SIGKILL");
      }
    });

    it("stops a program with endless output", async () => {
      await expect(run({ program: "yes" })).rejects.toThrow("too much");
      const errors = await shell("yes >&2", { deadlineSeconds: 0.5 }).catch((error: Error) => error.message);
      expect(errors).toMatch(/longer than/);
    });

    it("keeps the last bytes of an endless standard error, and passes on all of it", async () => {
      let characters = 0;
      const onStderr = (text: string) => {
        characters += text.length;
      };
      const { stderr } = await shell("yes | head -c 1000000 >&2; echo end >&2", { onStderr });
      expect(characters).toBe(1_000_004);
      expect(stderr).toMatch(/y\nend\n$/);
      expect(stderr.length).toBeLessThan(100_000);
    });

    it("ends with the caller's own error when that comes first", async () => {
      const mine = new Error("mine");
      const onStdout = () => {
        throw mine;
      };
      const args = ["-c", `echo; sleep ${mark}`];
      await expect(runConfined({ ...defaults, program: "sh", args, onStdout })).rejects.toBe(mine);
      const broken = async function* () {
        yield Buffer.from("x");
        throw mine;
      };
      await expect(run({ program: "sh", args: ["-c", `cat; sleep ${mark}`], stdin: broken() })).rejects.toBe(mine);
      await allAsleep(0);
    });

    it("reads a program's progress from descriptor 3", async () => {
      const texts: string[] = [];
      const onProgress = (text: string) => texts.push(text) > 0;
      const writes = "for i in 1 2 3 4 5; do echo $i >&3; sleep 0.2; done";
      const ending = await shell(writes, { onProgress, stallSeconds: 0.7 });
      expect(ending.code).toBe(0);
      expect(texts.join("")).toBe("1\n2\n3\n4\n5\n");
      const silent = shell("while :; do :; done", { onProgress: () => false, stallSeconds: 0.3 });
      await expect(silent).rejects.toThrow(/no progress/);
    });

    it("limits memory, files and CPU time by the kernel", NEEDS_LINUX, async () => {
      const dd = ["if=/dev/zero", "of=/dev/null", "count=1", "bs=512M"];
      const greedy = await run({ program: "dd", args: dd, bounds: { fileBytes: MIB, memoryBytes: 64 * MIB } });
      expect(greedy.code).not.toBe(0);
      expect(greedy.stderr).toMatch(/memory/);
      const endless = await run({ program: "dd", args: ["if=/dev/zero", `of=${join(folder, "endless")}`, "bs=64k"] });
      expect(endless.signal).toBe("SIGXFSZ");
      const busy = await shell("while :; do :; done", { bounds: { fileBytes: 0, processorSeconds: 1 } });
      expect(busy.signal).toBe("SIGXCPU");
    });

    it("passes on neither secrets nor our working folder", async () => {
      vi.stubEnv("DATABASE_URL", "postgres://polyreel:secret@host/db");
      try {
        const { stdout } = await shell("env; pwd");
        expect(stdout).toContain("PATH=");
        expect(stdout).not.toContain("secret");
        expect(stdout.trimEnd().split("\n").at(-1)).toBe("/");
      } finally {
        vi.unstubAllEnvs();
      }
    });
  });
}

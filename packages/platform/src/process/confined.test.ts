import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { NEEDS_LINUX } from "../testing/needs.js";
import { confinedArguments, PROGRAM_MEMORY_BYTES } from "./confined.js";

const MIB = 2 ** 20;

async function run(args: string[], limits: Parameters<typeof confinedArguments>[1]): Promise<string> {
  const [program = "", ...before] = await confinedArguments(args[0] ?? "", limits);
  return (await promisify(execFile)(program, [...before, ...args.slice(1)])).stdout;
}

describe("confinedArguments", NEEDS_LINUX, () => {
  it("limits memory to the default, and disables core dumps", async () => {
    const output = await run(["sh", "-c", "ulimit -d; ulimit -c"], { fileBytes: MIB });
    expect(output.split("\n").slice(0, 2).map(Number)).toEqual([Math.floor(PROGRAM_MEMORY_BYTES / 1024), 0]);
    expect(PROGRAM_MEMORY_BYTES).toBeLessThanOrEqual(2 ** 32);
  });

  it("denies a program memory beyond its limit", async () => {
    const dd = ["dd", "if=/dev/zero", "of=/dev/null", "count=1"];
    await run([...dd, "bs=1M"], { fileBytes: MIB, memoryBytes: 64 * MIB });
    await expect(run([...dd, "bs=512M"], { fileBytes: MIB, memoryBytes: 64 * MIB })).rejects.toThrow(/memory/);
  });

  it("prevents a program from gaining privileges by setuid", async () => {
    expect(await run(["grep", "NoNewPrivs", "/proc/self/status"], { fileBytes: MIB })).toBe("NoNewPrivs:\t1\n");
  });

  it("stops a program beyond its CPU time limit", async () => {
    const endless = run(["sh", "-c", "while :; do :; done"], { fileBytes: MIB, processorSeconds: 1 });
    await expect(endless).rejects.toMatchObject({ signal: "SIGXCPU" });
  });

  it("stops a program whose file grows beyond its limit", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-confined-"));
    try {
      const file = join(folder, "file");
      const endless = run(["dd", "if=/dev/zero", `of=${file}`, "bs=64k"], { fileBytes: MIB });
      await expect(endless).rejects.toMatchObject({ signal: "SIGXFSZ" });
      expect((await stat(file)).size).toBe(MIB);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { confinedArguments, PROGRAM_MEMORY_BYTES } from "./confined.js";

const MIB = 2 ** 20;

async function run(args: string[], limits: Parameters<typeof confinedArguments>[1]): Promise<string> {
  const [program = "", ...before] = await confinedArguments(args[0] ?? "", limits);
  return (await promisify(execFile)(program, [...before, ...args.slice(1)])).stdout;
}

describe.runIf(process.platform === "linux")("confinedArguments", () => {
  it("lets a program take as much memory as it may, and leave no core dump", async () => {
    const told = await run(["sh", "-c", "ulimit -d; ulimit -c"], { fileBytes: MIB });
    expect(told.split("\n").slice(0, 2).map(Number)).toEqual([Math.floor(PROGRAM_MEMORY_BYTES / 1024), 0]);
    expect(PROGRAM_MEMORY_BYTES).toBeLessThanOrEqual(2 ** 32);
  });

  it("refuses a program memory beyond its bound", async () => {
    const dd = ["dd", "if=/dev/zero", "of=/dev/null", "count=1"];
    await run([...dd, "bs=1M"], { fileBytes: MIB, memoryBytes: 64 * MIB });
    await expect(run([...dd, "bs=512M"], { fileBytes: MIB, memoryBytes: 64 * MIB })).rejects.toThrow(/memory/);
  });

  it("lets no program gain rights by one that others own", async () => {
    expect(await run(["grep", "NoNewPrivs", "/proc/self/status"], { fileBytes: MIB })).toBe("NoNewPrivs:\t1\n");
  });

  it("ends a program that takes more of the processor than it may", async () => {
    const endless = run(["sh", "-c", "while :; do :; done"], { fileBytes: MIB, processorSeconds: 1 });
    await expect(endless).rejects.toMatchObject({ signal: "SIGXCPU" });
  });

  it("ends a program whose file grows beyond its bound", async () => {
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

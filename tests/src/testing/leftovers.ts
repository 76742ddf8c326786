import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Pipeline } from "./pipeline.js";

export interface WorkerProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes of a pipeline that still run, but for its services: ffmpeg, speech engines. They carry its temporary folder in
 * their environment. Read from /proc; where there is none (macOS), nothing is found.
 */
export async function programsOf({ temporary }: Pick<Pipeline, "temporary">): Promise<WorkerProcess[]> {
  const found: WorkerProcess[] = [];
  for (const pid of (await readdir("/proc").catch(() => [])).map(Number).filter(Number.isInteger)) {
    const [environment, command] = await Promise.all([entriesOf(pid, "environ"), entriesOf(pid, "cmdline")]);
    const [program = "", main = ""] = command;
    if (program && environment.includes(`TMPDIR=${temporary}`) && !main.endsWith("/dist/main.js"))
      found.push({ pid, command: program });
  }
  return found;
}

const entriesOf = (pid: number, file: "environ" | "cmdline"): Promise<string[]> =>
  readFile(`/proc/${pid}/${file}`, "latin1").then(
    (text) => text.split("\0"),
    () => [], // it is gone, or somebody else's
  );

/** Files in the making: in the temporary folder, in the store's, and hidden ones among the outputs. */
export async function filesInTheMaking({ temporary, store, out }: Pick<Pipeline, "temporary" | "store" | "out">) {
  const list = (folder: string) => readdir(folder, { recursive: true, withFileTypes: true }).catch((): never[] => []);
  const temporaries = [...(await list(temporary)), ...(await list(join(store, "tmp")))];
  const hidden = (await list(out)).filter(({ name }) => name.startsWith("."));
  return [...temporaries, ...hidden].map(({ parentPath, name }) => join(parentPath, name)).sort();
}

/** Ends a pipeline's services and checks that each ends cleanly, with no process and no temporary file left behind. */
export async function expectNothingLeft(pipeline: Pipeline): Promise<void> {
  const codes = await pipeline.stop();
  expect(codes).toEqual(codes.map(() => 0));
  expect(await programsOf(pipeline)).toEqual([]);
  expect(await filesInTheMaking(pipeline)).toEqual([]);
}

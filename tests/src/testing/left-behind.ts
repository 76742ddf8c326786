import { readdirSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Pipeline } from "./pipeline.js";

export interface WorkerProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes of a pipeline that still run: services and their children, identified by the temporary folder in their
 * environment. Read from /proc, at once: some tests look many times a second, and passing hundreds of small files to a
 * thread takes several times as long. Empty where there is none (macOS).
 */
export async function processesOf({ temporary }: Pick<Pipeline, "temporary">) {
  const found: (WorkerProcess & { isService: boolean })[] = [];
  for (const pid of pidsNow()) {
    if (!entriesOf(pid, "environ").includes(`TMPDIR=${temporary}`)) continue;
    const command = entriesOf(pid, "cmdline");
    const [program = ""] = command;
    const isService = command.some((part) => part.endsWith("/dist/main.js")); // Also behind setpriv.
    if (program) found.push({ pid, command: program, isService });
  }
  return found;
}

function pidsNow(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The same without the services: ffmpeg, speech engines. */
export const programsOf = async (pipeline: Pick<Pipeline, "temporary">): Promise<WorkerProcess[]> =>
  (await processesOf(pipeline)).flatMap(({ isService, ...process }) => (isService ? [] : [process]));

function entriesOf(pid: number, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1").split("\0");
  } catch {
    return []; // It has ended, or belongs to another user.
  }
}

const RECEIPTS = ".polyreel";

/** Visible files in a folder of outputs. */
export const visibleFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name !== RECEIPTS).sort();

type Places = Pick<Pipeline, "temporary" | "store" | "out">;

const list = (folder: string) => readdir(folder, { recursive: true, withFileTypes: true }).catch((): never[] => []);
const pathsOf = (entries: Awaited<ReturnType<typeof list>>) =>
  entries.map(({ parentPath, name }) => join(parentPath, name)).sort();

/** Temporary files: in the temporary folder, in the store's, and hidden ones among the outputs. */
export async function filesInTheMaking(places: Places): Promise<string[]> {
  return [...pathsOf(await list(places.temporary)), ...(await filesBesideOutputs(places))].sort();
}

/** The same while services run: excludes the work folders of running ones. */
export async function strayFiles(places: Places): Promise<string[]> {
  const temporaries = await list(places.temporary);
  const stray = temporaries.filter(({ parentPath, name }) => parentPath !== places.temporary || !isKept(name));
  return [...pathsOf(stray), ...(await filesBesideOutputs(places))].sort();
}

/** By the process id in its mark, without locking: a lock would keep a starting service from sweeping. */
function isKept(name: string): boolean {
  const pid = Number(/^polyreel-[a-z]+-[0-9a-f]{8}-(\d+)-[0-9a-f]{8}-/.exec(name)?.[1] ?? 0);
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function filesBesideOutputs({ store, out }: Places): Promise<string[]> {
  // Receipts of deliveries are kept in a hidden folder; hidden files within it are temporary, too.
  const hidden = (await list(out)).filter(({ name }) => name.startsWith(".") && name !== RECEIPTS);
  const inTheMaking = (await list(join(store, "tmp"))).filter((entry) => !entry.isDirectory());
  return [...pathsOf(inTheMaking), ...pathsOf(hidden)];
}

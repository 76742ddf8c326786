import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Token of names without a lock: only their age indicates whether the owner is alive. */
const UNLOCKED = "0".repeat(8);

/**
 * Id of the running kernel, whose locks show whether a process is alive: containers on it share it, whatever their host
 * names; another machine, or this one after a reboot, has another.
 */
const KERNEL = createHash("sha256").update(bootId()).digest("hex").slice(0, 8);
/** Id of this process, unique among all. */
const TOKEN = randomBytes(4).toString("hex");

/** Prefix of names of files that others must remove when their owner has died. The process id is for people. */
export const markOf = ({ kernel = KERNEL, pid = process.pid, token = TOKEN } = {}): string =>
  `${kernel}-${pid}-${token}`;
/** This process's mark, for a folder that it holds locked. */
export const processMark = markOf();
/** The same for a folder that cannot be locked. */
export const unlockedMark = markOf({ kernel: UNLOCKED });

const MARKED = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})(?:-|$)/;

/**
 * Owner of a name: this process; a process whose lock can be tested here; a process that can only be judged by age;
 * or none, without a mark.
 */
export function ownerOf(name: string): "ours" | "lockable" | "elsewhere" | undefined {
  const [, kernel, , token] = MARKED.exec(name) ?? [];
  if (kernel === undefined) return undefined;
  if (token === TOKEN) return "ours";
  return kernel === KERNEL ? "lockable" : "elsewhere";
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  } catch {
    return hostname(); // Without Linux, no containers share a name.
  }
}

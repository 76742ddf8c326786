import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Of what is not locked: nobody but its age tells whether its owner is alive. */
const UNLOCKED = "0".repeat(8);

/**
 * One running kernel, whose locks tell whether a process is alive: containers on it have the same, whatever they call
 * themselves; another machine, or this one after it was started again, has another.
 */
const KERNEL = createHash("sha256").update(bootId()).digest("hex").slice(0, 8);
/** This process's among all. */
const TOKEN = randomBytes(4).toString("hex");

/** Begins the names of what others must remove when its owner is gone. The process id is for people to read. */
export const markOf = ({ kernel = KERNEL, pid = process.pid, token = TOKEN } = {}): string =>
  `${kernel}-${pid}-${token}`;
/** This process's own, of a folder that it holds locked. */
export const processMark = markOf();
/** The same of a folder that can't be locked. */
export const unlockedMark = markOf({ kernel: UNLOCKED });

const MARKED = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})(?:-|$)/;

/**
 * Whose a name is: this process's; that of one that holds a lock which can be tried here; of one that can only be judged by age;
 * or nobody's, where it has no mark.
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
    return hostname(); // no Linux: no containers that share a name
  }
}

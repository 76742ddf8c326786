import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** Process ids mean something on their own machine only; containers that share a folder differ in their host names. */
const MACHINE = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
/** Tells this process from one before it with the same id: in a container started again that is so each time. */
const TOKEN = randomBytes(4).toString("hex");

/** Begins the names of what others must remove when the process is gone. */
export const markOf = (pid: number, token: string): string => `${MACHINE}-${pid}-${token}`;
/** This process's own. */
export const processMark = markOf(process.pid, TOKEN);

const MARKED = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})(?:-|$)/;

/** Whether a name bears the mark of a process of this machine that has ended. What bears none, or another machine's, is left. */
export function isOwnerGone(name: string): boolean {
  const [, machine, id, token] = MARKED.exec(name) ?? [];
  if (machine !== MACHINE) return false;
  const pid = Number(id);
  return pid === process.pid ? token !== TOKEN : !isAlive(pid);
}

/** The process id in a mark; NaN where there is none. */
export const pidOf = (mark: string): number => Number(MARKED.exec(mark)?.[2]);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { PolyreelError } from "../errors.js";
import { childEnvironment } from "../process/child-environment.js";

/** A lock held by the kernel: released when this is disposed of, or when the process ends for any reason. */
export interface KernelLock extends AsyncDisposable {
  /** Handle of the locked file or folder. */
  readonly file: FileHandle;
}

/** Opening locks on BSD (and macOS); Node has no constant for it. */
const O_EXLOCK = 0x20;
/** Linux has no such flag, and Node no flock(2). */
const LOCKS_ON_OPEN = process.platform === "darwin" || process.platform === "freebsd";
/** Descriptor of the file in `flock`: the one after standard error. */
const LOCKED_FD = "3";
/** Exit code of `flock`, without output, if the lock is taken. */
const HELD = 1;

/** Keeps references: a garbage-collected handle would be closed, which releases the lock. */
const held = new Set<FileHandle>();

/**
 * Locks a file (created if missing) or a folder; undefined if it is locked by any process, container or, on file
 * systems with distributed locks, machine. Throws PolyreelError `precondition` if locking is unsupported here.
 */
export async function tryLock(path: string, { folder = false } = {}): Promise<KernelLock | undefined> {
  const flags = folder ? constants.O_RDONLY | constants.O_DIRECTORY : constants.O_RDWR | constants.O_CREAT;
  for (;;) {
    const file = await openLocked(path, flags);
    if (!file) return undefined;
    const [ours, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
    if (ours.ino === there?.ino && ours.dev === there.dev) return lockOn(file);
    await file.close(); // Its holder has removed it in between.
    if (folder) return undefined;
  }
}

function lockOn(file: FileHandle): KernelLock {
  held.add(file);
  return {
    file,
    async [Symbol.asyncDispose]() {
      if (held.delete(file)) await file.close();
    },
  };
}

async function openLocked(path: string, flags: number): Promise<FileHandle | undefined> {
  if (LOCKS_ON_OPEN) {
    return open(path, flags | O_EXLOCK | constants.O_NONBLOCK, 0o644).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EAGAIN") return undefined;
      throw error.code === "ENOTSUP" ? unlockable(path, error) : error;
    });
  }
  const file = await open(path, flags, 0o644);
  try {
    if (await flock(file.fd, path)) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

/**
 * util-linux's or busybox's `flock`: it locks the inherited open file, which is ours: the lock remains after it has
 * exited, until our handle is closed. Programs that we start later do not inherit it.
 */
function flock(fd: number, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn("flock", ["-n", LOCKED_FD], {
      stdio: ["ignore", "ignore", "pipe", fd],
      env: childEnvironment(),
    });
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.once("error", (error) => reject(unlockable(path, error)));
    child.once("close", (code) => {
      if (code === 0) resolve(true);
      else if (code === HELD && complaint === "") resolve(false);
      else reject(unlockable(path, new Error(`flock: exit code ${code}: ${complaint.trim()}`)));
    });
  });
}

const unlockable = (path: string, cause: Error): PolyreelError =>
  new PolyreelError(
    "precondition",
    {
      reason: `${path} can't be locked: ${(cause as NodeJS.ErrnoException).code === "ENOENT" ? "there is no program called flock" : cause.message}.`,
      remedy: "Install util-linux, and use a file system that has locks (NFS: with a lock service).",
    },
    { cause },
  );

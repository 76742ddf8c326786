import { mkdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { isAbsent, systemCode } from "@polyreel/platform/files";
import { foldersOf } from "../plain-name.js";
import { TENANTS } from "../tenant-folder.js";

/** An existing folder. */
export interface Entered {
  /** Its real path. */
  readonly path: string;
  /** Whether it or a folder above it has just been created. */
  readonly made: boolean;
}

/**
 * Opens a folder below `root`, and creates it if missing, level by level, so that nothing is created outside. Follows
 * symbolic links within the root. Throws PolyreelError `invalid` for a folder outside of it.
 */
export const enterFolder = (root: string, folder: string): Promise<Entered> => enter(root, folder, realpathMade);

/**
 * The same without creating folders: undefined if it is missing. Throws `unavailable` if the root itself is missing.
 */
export async function findFolder(root: string, folder: string): Promise<string | undefined> {
  const existing = async (path: string): Promise<Entered> => ({ path: await realpath(path), made: false });
  try {
    return (await enter(root, folder, existing)).path;
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  await realpath(root).catch((cause: unknown) => {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw rootUnmounted(root, cause);
  });
  return undefined;
}

export const rootUnmounted = (root: string, cause?: unknown): PolyreelError =>
  new PolyreelError(
    "unavailable",
    {
      reason: `The output folder ${root} is not mounted.`,
      remedy: "Mount its disk; if the folder is lost permanently, create an empty one.",
    },
    { cause },
  );

type EnterStep = (path: string, options?: { recursive?: boolean }) => Promise<Entered>;

async function enter(root: string, folder: string, step: EnterStep): Promise<Entered> {
  const segments = foldersOf(folder);
  const top = await step(root, { recursive: true });
  const tenants = join(top.path, TENANTS);
  // A tenant's folder is a direct child of the tenants folder; no link may replace it or lead out of it.
  const bounds = segments[0] === TENANTS ? join(tenants, segments[1] ?? "") : top.path;
  let { path, made } = top;
  for (const [i, segment] of segments.entries()) {
    const next = await step(join(path, segment));
    const isInside = isWithin(next.path, bounds) || next.path === join(top.path, ...segments.slice(0, i + 1));
    if (!isInside || (bounds === top.path && isWithin(next.path, tenants))) {
      throw new PolyreelError("invalid", {
        reason: `The folder ${JSON.stringify(folder)} is outside the output folder.`,
        remedy: "Remove the symbolic link to it, or choose another folder.",
      });
    }
    path = next.path;
    made ||= next.made;
  }
  return { path, made };
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Most folders exist: creates one only if `realpath` fails. */
async function realpathMade(path: string, options: { recursive?: boolean } = {}): Promise<Entered> {
  try {
    return { path: await realpath(path), made: false };
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  const made = await mkdir(path, options).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) !== "EEXIST") throw error;
      return false; // Another process was faster.
    },
  );
  return { path: await realpath(path), made };
}

import { mkdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { isPlainName } from "./plain-name.js";
import { TENANTS } from "./tenant-folder.js";

/** A folder that is there. */
export interface Entered {
  /** Its real path. */
  readonly path: string;
  /** It was missing, or a folder above it was. */
  readonly made: boolean;
}

/**
 * A folder below `root`, made where it is missing, one level after the other so that nothing is made outside either. Symbolic
 * links are followed within the root. Throws PolyreelError `invalid` for a folder that leaves it.
 */
export const enterFolder = (root: string, folder: string): Promise<Entered> => enter(root, folder, realpathMade);

/** The same, but nothing is made: undefined where it is missing. Throws `unavailable` where the root itself is. */
export async function findFolder(root: string, folder: string): Promise<string | undefined> {
  const existing = async (path: string): Promise<Entered> => ({ path: await realpath(path), made: false });
  try {
    return (await enter(root, folder, existing)).path;
  } catch (error) {
    if (systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR") throw error;
  }
  await realpath(root).catch((cause: unknown) => {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new PolyreelError(
      "unavailable",
      {
        reason: `The output folder ${root} is away.`,
        remedy: "Mount its disk; where the folder is gone for good, make an empty one in its place.",
      },
      { cause },
    );
  });
  return undefined;
}

type EnterStep = (path: string, options?: { recursive?: boolean }) => Promise<Entered>;

async function enter(root: string, folder: string, step: EnterStep): Promise<Entered> {
  const segments = folder === "." ? [] : folder.split("/");
  if (!segments.every(isPlainName)) {
    throw new PolyreelError("invalid", {
      reason: `${JSON.stringify(folder.slice(0, 80))} is not a folder below the output folder.`,
      remedy: 'Name a folder like "spring/sale", or "." for the output folder itself.',
    });
  }
  const top = await step(root, { recursive: true });
  const tenants = join(top.path, TENANTS);
  // A tenant's own folder is the first below that of all; it must be there itself, and nothing leads out of it.
  const bounds = segments[0] === TENANTS ? join(tenants, segments[1] ?? "") : top.path;
  let { path, made } = top;
  for (const [i, segment] of segments.entries()) {
    const next = await step(join(path, segment));
    const isInside = isWithin(next.path, bounds) || next.path === join(top.path, ...segments.slice(0, i + 1));
    if (!isInside || (bounds === top.path && isWithin(next.path, tenants))) {
      throw new PolyreelError("invalid", {
        reason: `The folder ${JSON.stringify(folder)} lies outside the output folder.`,
        remedy: "Remove the symbolic link that leads there, or choose another folder.",
      });
    }
    path = next.path;
    made ||= next.made;
  }
  return { path, made };
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** A folder that is there but for the first time: then it is made. */
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
      return false; // somebody was faster
    },
  );
  return { path: await realpath(path), made };
}

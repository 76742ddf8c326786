import { stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
import { diskError, systemCode } from "../files/disk-error.js";

/** No such file; a file in place of a folder; a folder, which contains keys but is none. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

export const isAbsent = (error: unknown): boolean => ABSENT.has(systemCode(error) ?? "");

export function missing(what: string, words = "The store has no"): never {
  throw new PolyreelError("not_found", `${words} ${what}.`);
}

/** Checks the presence of a store's folder by the folder for temporary files in it. */
export class FolderPresence {
  constructor(
    private readonly folder: string,
    private readonly temporary: string,
  ) {}

  async isThere(): Promise<boolean> {
    const found = await stat(join(this.folder, this.temporary)).catch(ignoreAbsent);
    return found !== undefined;
  }

  /** A disk that is not mounted looks like an empty store, and must be neither read nor filled as one. */
  async assertThere(): Promise<void> {
    if (await this.isThere()) return;
    throw new PolyreelError("unavailable", {
      reason: `The store in ${this.folder} is away.`,
      remedy: "Mount its disk, or bring its folder back.",
    });
  }

  /**
   * Undefined if `look` finds nothing while the store is there. It looks twice: the first time the disk may not have been mounted,
   * and be mounted before the check. Throws as `assertThere`, and errors of `look` other than those for absent files.
   */
  async find<T>(look: () => Promise<T>): Promise<T | undefined> {
    return (await look().catch(this.absent)) ?? (await look().catch(this.absent));
  }

  /** For `catch`: undefined for keys that the store does not have. */
  absent = async (error: unknown): Promise<undefined> => {
    ignoreAbsent(error);
    await this.assertThere();
  };
}

function ignoreAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw diskError("read from the store", error);
}

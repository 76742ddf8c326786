import { stat } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "../errors.js";
import { isAbsent } from "../files/absent.js";
import { diskError, systemCode } from "../files/disk-error.js";

/** Whether the store has no such key: a folder contains keys, but is none. */
export const isNoKey = (error: unknown): boolean => isAbsent(error) || systemCode(error) === "EISDIR";

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
    const found = await stat(join(this.folder, this.temporary)).catch(ignoreMissing);
    return found !== undefined;
  }

  /** A disk that is not mounted looks like an empty store, and must be neither read nor filled as one. */
  async assertThere(): Promise<void> {
    if (await this.isThere()) return;
    throw new PolyreelError("unavailable", {
      reason: `The store in ${this.folder} is not mounted.`,
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
    ignoreMissing(error);
    await this.assertThere();
  };
}

function ignoreMissing(error: unknown): undefined {
  if (!isNoKey(error)) throw diskError("read from the store", error);
}

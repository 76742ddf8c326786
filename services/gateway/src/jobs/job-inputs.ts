import { open, realpath } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { Sources, warnRemoved } from "@polyreel/parts/sources";
import { PolyreelError } from "@polyreel/platform";
import { SOURCES, type Store, scopedStore, TENANTS } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { Found } from "./read/job.js";

export interface JobInputsConfig {
  /** Folder of the files that keys of inputs name; empty: none. */
  readonly folder: string;
  readonly maxSourceBytes: number;
}

interface Deps {
  readonly store: Store;
  readonly log: Log;
}

/**
 * The files that jobs name by keys, below one folder; of a tenant other than the default one, below its
 * `tenants/<tenant>`. A file becomes a source: its bytes are copied into the store.
 */
export class JobInputs {
  constructor(
    private readonly deps: Deps,
    private readonly config: JobInputsConfig,
  ) {}

  /** Never throws for what is wrong with a file: only the combinations that use it fail. */
  async find(key: string, tenant: string, signal: AbortSignal): Promise<Found> {
    if (this.config.folder === "") {
      return {
        unreadable: "No folder of inputs is configured (POLYREEL_JOBS_INPUT): give the hash of a source, or a URL.",
      };
    }
    if (!isInside(key) || (tenant === DEFAULT_TENANT && key.split("/")[0]?.toLowerCase() === TENANTS)) {
      return { unreadable: "This is no path below the folder of inputs." };
    }
    const folder = tenant === DEFAULT_TENANT ? this.config.folder : join(this.config.folder, TENANTS, tenant);
    try {
      const path = await realpath(join(folder, key));
      if (!isInside(relative(await realpath(folder), path)))
        return { unreadable: "It leads out of the folder of inputs." };
      return await this.#copy(path, tenant, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code = "" } = error as NodeJS.ErrnoException;
      const reason = UNREADABLE[code];
      if (reason) return { unreadable: reason };
      throw error;
    }
  }

  async #copy(path: string, tenant: string, signal: AbortSignal): Promise<Found> {
    await using file = await open(path, "r");
    const status = await file.stat();
    if (!status.isFile()) return { unreadable: "This is not a regular file." };
    if (status.size === 0) return { unreadable: "The file is empty." };
    if (status.size > this.config.maxSourceBytes) {
      return {
        unreadable: `The file has ${status.size} bytes; the limit is ${this.config.maxSourceBytes} (GATEWAY_MAX_SOURCE_BYTES).`,
      };
    }
    const store = scopedStore(this.deps.store, tenant);
    const bytes = file.createReadStream({ highWaterMark: 1 << 20, signal, autoClose: false });
    const { sha256 } = await store.putHashed(SOURCES, bytes, { signal, maxBytes: this.config.maxSourceBytes });
    await new Sources(store, warnRemoved(this.deps.log)).wasWritten(sha256);
    return { sha256 };
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "The file does not exist.",
  ENOTDIR: "The file does not exist.",
  ENAMETOOLONG: "The file does not exist.",
  ELOOP: "It is a link to itself.",
  EACCES: "The file may not be read (permission denied).",
  EPERM: "The file may not be read (permission denied).",
};

/** A path with segments that do not climb. */
const isInside = (path: string): boolean =>
  path !== "" &&
  !isAbsolute(path) &&
  !path.includes("\\") &&
  !path.split("/").some((one) => one === "" || one === "." || one === "..");

/** Throws PolyreelError `invalid` for a folder that does not exist. */
export async function assertInputs({ folder }: JobInputsConfig): Promise<void> {
  if (folder === "") return;
  await realpath(folder).catch((cause: unknown) => {
    throw new PolyreelError(
      "invalid",
      {
        reason: `The folder of jobs' inputs, ${JSON.stringify(folder)}, does not exist.`,
        remedy: "Create it, or change POLYREEL_JOBS_INPUT.",
      },
      { cause },
    );
  });
}

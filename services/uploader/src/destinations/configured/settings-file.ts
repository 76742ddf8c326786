import { readFile, stat } from "node:fs/promises";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import type { Log } from "@polyreel/platform/runtime";
import { parseSettings } from "./parse-settings.js";
import type { DestinationSettings } from "./settings.js";

/** How long a version of the file is used without looking for a newer one. */
const FRESH_MS = 1_000;
/** Larger files are not read: a mistaken path could name any. */
const MAX_BYTES = 1_000_000;

type Settings = ReadonlyMap<string, DestinationSettings>;

/**
 * The file of destinations. A replaced file is noticed when it is used next; if the new one is wrong or missing, that is
 * logged once, and the last good one stays in use.
 */
export class SettingsFile {
  #checkedAt = performance.now();
  #checking: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly log: Log,
    private version: string,
    private settings: Settings,
  ) {}

  /** An empty path names no file, and no destinations. Throws PolyreelError `invalid` for a file that is not right. */
  static async open(path: string, log: Log): Promise<SettingsFile> {
    if (path === "") return new SettingsFile(path, log, "", new Map());
    const version = await versionOf(path);
    return new SettingsFile(path, log, version, await readSettings(path));
  }

  async current(): Promise<Settings> {
    if (this.path !== "" && performance.now() - this.#checkedAt > FRESH_MS) {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
      await this.#checking;
    }
    return this.settings;
  }

  async #check(): Promise<void> {
    let version = "missing";
    try {
      version = await versionOf(this.path);
      if (version !== this.version) {
        this.settings = await readSettings(this.path);
        this.log.info({ destinations: [...this.settings.keys()] }, "read the changed file of destinations");
      }
    } catch (error) {
      const message = "the file of destinations is not right; going on with the former one";
      if (version !== this.version) this.log.error({ err: toPolyreelError(error) }, message);
    }
    this.version = version;
    this.#checkedAt = performance.now();
  }
}

/** Changes whenever the file is replaced or written. */
async function versionOf(path: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (size > MAX_BYTES) throw unreadable(path, undefined);
  return `${ino} ${size} ${mtimeNs}`;
}

async function readSettings(path: string): Promise<Settings> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return parseSettings(path, text);
}

function unreadable(path: string, error: unknown): PolyreelError {
  const why = error === undefined ? "it is too large" : (systemCode(error) ?? "unknown error");
  return new PolyreelError("invalid", {
    reason: `The file of destinations, ${path}, can't be read (${why}).`,
    remedy: "POLYREEL_DESTINATIONS names a YAML or JSON file that the uploader's user may read; unset it to have none.",
  });
}

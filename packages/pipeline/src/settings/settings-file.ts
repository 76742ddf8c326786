import { readFile, stat } from "node:fs/promises";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import type { Log } from "@polyreel/platform/runtime";
import type { SettingsTerms } from "./settings-terms.js";

/** How long a version of the file is used without looking for a newer one. */
const FRESH_MS = 1_000;
/** Larger files are not read: a mistaken path could name any. */
const MAX_BYTES = 1_000_000;

type Entries<S> = ReadonlyMap<string, S>;

/** How a file is read. */
export interface SettingsFormat<S> {
  readonly terms: SettingsTerms;
  /** Throws PolyreelError `invalid`. */
  readonly parse: (file: string, text: string) => Entries<S>;
}

/**
 * A file of settings by name. A replaced file is noticed when it is used next; if the new one is wrong or missing, that is
 * logged once, and the last good one stays in use.
 */
export class SettingsFile<S> {
  #checkedAt = performance.now();
  #checking: Promise<void> | undefined;

  private constructor(
    private readonly path: string,
    private readonly format: SettingsFormat<S>,
    private readonly log: Log,
    private version: string,
    private settings: Entries<S>,
  ) {}

  /** An empty path names no file, and no entries. Throws PolyreelError `invalid` for a file that is not right. */
  static async open<S>(path: string, format: SettingsFormat<S>, log: Log): Promise<SettingsFile<S>> {
    if (path === "") return new SettingsFile<S>(path, format, log, "", new Map());
    const version = await versionOf(path, format.terms);
    return new SettingsFile(path, format, log, version, await readSettings(path, format));
  }

  async current(): Promise<Entries<S>> {
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
    const { plural } = this.format.terms;
    try {
      version = await versionOf(this.path, this.format.terms);
      if (version !== this.version) {
        this.settings = await readSettings(this.path, this.format);
        this.log.info({ [plural]: [...this.settings.keys()] }, `read the changed file of ${plural}`);
      }
    } catch (error) {
      const message = `the file of ${plural} is not right; going on with the former one`;
      if (version !== this.version) this.log.error({ err: toPolyreelError(error) }, message);
    }
    this.version = version;
    this.#checkedAt = performance.now();
  }
}

/** Changes whenever the file is replaced or written. */
async function versionOf(path: string, terms: SettingsTerms): Promise<string> {
  const { ino, size, mtimeNs } = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw unreadable(path, terms, error);
  });
  if (size > MAX_BYTES) throw unreadable(path, terms, undefined);
  return `${ino} ${size} ${mtimeNs}`;
}

async function readSettings<S>(path: string, { terms, parse }: SettingsFormat<S>): Promise<Entries<S>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(path, terms, error);
  });
  return parse(path, text);
}

function unreadable(path: string, { plural, variable, reader }: SettingsTerms, error: unknown): PolyreelError {
  const why = error === undefined ? "it is too large" : (systemCode(error) ?? "unknown error");
  return new PolyreelError("invalid", {
    reason: `The file of ${plural}, ${path}, can't be read (${why}).`,
    remedy: `${variable} names a YAML or JSON file that the ${reader}'s user may read; unset it to have none.`,
  });
}

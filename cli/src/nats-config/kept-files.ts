import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files of a folder that are made once and kept: running the command again replaces no key. */
export class KeptFiles {
  readonly #made: string[] = [];

  constructor(private readonly folder: string) {}

  /** Names of the files that were written, in order. */
  get made(): readonly string[] {
    return this.#made;
  }

  /** Contents of a file; undefined if there is none. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.folder, name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Writes a file as a whole; a `secret` is readable by its owner only, from its first byte on. */
  async write(name: string, text: string, { secret }: { secret: boolean }): Promise<void> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true, mode: secret ? 0o700 : 0o755 });
    const temporary = `${path}.new`;
    await writeFile(temporary, text, { mode: secret ? 0o600 : 0o644, flag: "wx" });
    await rename(temporary, path);
    this.#made.push(name);
  }
}

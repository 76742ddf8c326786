import { readFile, stat } from "node:fs/promises";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import type { OAuth2Client } from "google-auth-library";
import { type DriveCredentials, parseCredentials } from "./credentials.js";
import { googleClient } from "./google-auth.js";
import type { DriveScope } from "./google-endpoints.js";

/** How long a file counts as unchanged. */
const CHECK_MS = 1_000;

interface Loaded {
  /** Identity, size and time of the file. */
  readonly version: string;
  readonly client: OAuth2Client;
}

/** A credentials file of a destination. It is read again when it is replaced, as secrets of containers are. */
export class CredentialsFile {
  #loaded: Loaded | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<Loaded> | undefined;

  constructor(
    private readonly path: string,
    private readonly options: { readonly destination: string; readonly scope: DriveScope },
  ) {}

  /** The client for the file as it is now. Throws PolyreelError `unavailable` or `precondition`. */
  async client(): Promise<OAuth2Client> {
    if (this.#loaded && performance.now() - this.#checkedAt < CHECK_MS) return this.#loaded.client;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return (await this.#loading).client;
  }

  /** Drops a client whose token was refused; returns whether the file was replaced since it was read. */
  async renew(refused: OAuth2Client): Promise<boolean> {
    const before = this.#loaded;
    if (before && before.client !== refused) return true;
    this.#loaded = undefined;
    await this.client();
    return this.#loaded !== undefined && (this.#loaded as Loaded).version !== before?.version;
  }

  async #load(): Promise<Loaded> {
    try {
      const { ino, size, mtimeMs } = await stat(this.path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (this.#loaded?.version !== version) {
        const credentials: DriveCredentials = parseCredentials(await readFile(this.path, "utf8"));
        this.#loaded = { version, client: await googleClient(credentials, this.options.scope) };
      }
      this.#checkedAt = performance.now();
      return this.#loaded;
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  /** An outage: a corrected file is noticed without a restart. */
  #unreadable(error: unknown): PolyreelError {
    const about = `the credentials file ${this.path} of the destination ${JSON.stringify(this.options.destination)}`;
    const code = systemCode(error);
    if (code !== undefined && !(error instanceof PolyreelError)) {
      const cause = code === "ENOENT" ? "it does not exist" : code;
      const remedy = "Put it there, readable for the user that Polyreel runs as; no restart is needed.";
      return new PolyreelError("unavailable", { reason: `Cannot read ${about}: ${cause}.`, remedy }, { cause: error });
    }
    const { failure } = toPolyreelError(error);
    const reason = failure.reason.replace("The credentials file", about.replace(/^t/, "T"));
    return new PolyreelError("unavailable", { reason, remedy: failure.remedy });
  }
}

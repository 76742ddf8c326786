import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { withFileLock } from "./file-lock.js";
import type { ProviderClient } from "./provider/provider-client.js";

/** What signs a person in at a server. */
export interface Credentials {
  readonly accessToken: string;
  /** In milliseconds since 1970; undefined if it is not known. */
  readonly accessExpiresAtMs?: number;
  /** Undefined: the access token is all there is. */
  readonly refreshToken?: string;
  /** Whose they are, to be shown. */
  readonly name?: string;
  /** Whose tokens they are, if not the server's own. */
  readonly provider?: ProviderClient;
}

/** By the server's address: nothing is sent to another one. */
type ByServer = Readonly<Record<string, Credentials>>;

/** Refreshed before it expires on the way. */
const REFRESHED_BEFORE_MS = 60_000;

/** The credentials of sign-ins, in one file that only its owner can read. */
export class CredentialsFile {
  constructor(private readonly path: string) {}

  async get(server: string): Promise<Credentials | undefined> {
    return (await this.#read())[serverOf(server)];
  }

  /** Undefined forgets them. */
  async set(server: string, credentials: Credentials | undefined): Promise<void> {
    await withFileLock(this.path, () => this.#set(server, credentials));
  }

  /**
   * Credentials that have not expired: those kept, or what `refresh` makes of them. One command at a time refreshes, and the
   * others use its result, since a refresh token can be used once. Undefined without any; what `refresh` returns is kept, and
   * undefined forgets them.
   */
  async fresh(
    server: string,
    refresh: (refreshToken: string) => Promise<Credentials | undefined>,
  ): Promise<Credentials | undefined> {
    const kept = await this.get(server);
    if (!kept || isFresh(kept)) return kept;
    return await withFileLock(this.path, async () => {
      const current = await this.get(server);
      if (!current || isFresh(current)) return current;
      if (current.refreshToken === undefined) return current; // The server tells that it has expired.
      const next = await refresh(current.refreshToken);
      const named = next && { ...(current.name !== undefined && { name: current.name }), ...next };
      await this.#set(server, named);
      return named;
    });
  }

  async #set(server: string, credentials: Credentials | undefined): Promise<void> {
    const { [serverOf(server)]: _, ...others } = await this.#read();
    const all = credentials ? { ...others, [serverOf(server)]: credentials } : others;
    const written = `${this.path}.${randomUUID()}`;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    try {
      await writeFile(written, `${JSON.stringify(all, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
      await rename(written, this.path);
    } finally {
      await rm(written, { force: true });
    }
  }

  /** A damaged file is as none: signing in again replaces it. */
  async #read(): Promise<ByServer> {
    try {
      const all: unknown = JSON.parse(await readFile(this.path, "utf8"));
      return typeof all === "object" && all !== null ? (all as ByServer) : {};
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  }
}

/** Two writings of one address are one server; another port, scheme or path is another. */
const serverOf = (url: string): string => new URL(url).href.replace(/\/+$/, "");

const isFresh = ({ accessExpiresAtMs }: Credentials): boolean =>
  accessExpiresAtMs === undefined || accessExpiresAtMs - REFRESHED_BEFORE_MS > Date.now();

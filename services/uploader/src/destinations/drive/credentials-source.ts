import { readFile, stat } from "node:fs/promises";
import type { Credentials, Secrets } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { secretTitle } from "@polyreel/platform/secrets";
import { quote } from "@polyreel/spec";

/** The text of credentials, which may be replaced meanwhile. */
export interface CredentialsSource {
  /** What it is, for errors: `the credentials file /run/drive.json of the destination "team"`. */
  readonly title: string;
  /** Whether the operator wrote it, and not a tenant. */
  readonly isOperators: boolean;
  /** Changes whenever the text may have. Throws PolyreelError. */
  version(): Promise<string>;
  /** Throws PolyreelError. */
  text(): Promise<string>;
}

export function credentialsSource(credentials: Credentials, destination: string, secrets: Secrets): CredentialsSource {
  if ("file" in credentials) return credentialsFile(credentials.file, destination);
  const { secret } = credentials;
  const of = `the destination ${quote(destination)}`;
  return {
    title: `the secret ${quote(secretTitle(secret))} of ${of}`,
    isOperators: secret.tenant === "",
    version: async () => String((await secrets.read(secret, of)).version),
    text: async () => (await secrets.read(secret, of)).value,
  };
}

export function credentialsFile(path: string, destination: string): CredentialsSource {
  const title = `the credentials file ${path} of the destination ${quote(destination)}`;
  const unreadable = (error: unknown): PolyreelError => {
    const code = systemCode(error) ?? "unknown error";
    const cause = code === "ENOENT" ? "it does not exist" : code;
    const remedy = "Put it there, readable for the user that Polyreel runs as; no restart is needed.";
    return new PolyreelError("unavailable", { reason: `Cannot read ${title}: ${cause}.`, remedy }, { cause: error });
  };
  return {
    title,
    isOperators: true,
    version: async () => {
      const { ino, size, mtimeMs } = await stat(path).catch((error: unknown) => {
        throw unreadable(error);
      });
      return `${ino} ${size} ${mtimeMs}`;
    },
    text: () =>
      readFile(path, "utf8").catch((error: unknown) => {
        throw unreadable(error);
      }),
  };
}

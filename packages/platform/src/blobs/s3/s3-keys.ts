import { readFile } from "node:fs/promises";
import { PolyreelError } from "../../errors.js";
import { systemCode } from "../../files/disk-error.js";

/** Who we are for an S3 server. Reaches no log, error or span. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Gives the keys to sign with: a function, so that no printed configuration shows them. */
export type S3KeySource = () => Promise<S3Keys>;

/** Wording of errors about a file of keys. */
export interface KeysFileTerms {
  /** `The file of the store's keys` */
  readonly file: string;
  /** The setting that names it. */
  readonly origin: string;
}

const STORE_KEYS_FILE: KeysFileTerms = { file: "The file of the store's keys", origin: "POLYREEL_S3_CREDENTIALS" };

/** Keys in a file may be replaced while services run. */
const READ_AGAIN_MS = 10_000;

/** Throws PolyreelError `precondition` where one of them is empty. */
export function givenKeys(keys: S3Keys): S3KeySource {
  return async () => {
    if (keys.accessKeyId !== "" && keys.secretAccessKey !== "") return keys;
    const missing = keys.accessKeyId === "" ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
    throw new PolyreelError("precondition", {
      reason: `The store is on S3, and ${missing} is not set.`,
      remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or POLYREEL_S3_CREDENTIALS to a file with both.",
    });
  };
}

const LINES = "the lines aws_access_key_id = ... and aws_secret_access_key = ...";

/**
 * Keys of a credentials file as the AWS tools have: `aws_access_key_id = ...`, `aws_secret_access_key = ...` and perhaps
 * `aws_session_token = ...`, of the section `[default]` or before any. A replaced file is noticed. Throws PolyreelError
 * `precondition`.
 */
export function keysInFile(path: string, now: () => number = Date.now, terms = STORE_KEYS_FILE): S3KeySource {
  let known: { readonly keys: S3Keys; readonly at: number } | undefined;
  const unreadable = (what: string) =>
    new PolyreelError("precondition", {
      reason: `${terms.file}, ${path}, ${what}.`,
      remedy: `${terms.origin} names a file with ${LINES}; let the user that Polyreel runs as read it.`,
    });
  return async () => {
    if (known && now() - known.at < READ_AGAIN_MS) return known.keys;
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      throw unreadable(`can't be read (${systemCode(error) ?? "unknown error"})`);
    });
    known = { keys: parseKeys(text, unreadable), at: now() };
    return known.keys;
  };
}

/** Keys in a text of the same format, which is read for each use. `title`: of the text in errors, as in "The secret ads". */
export const keysIn =
  (read: () => Promise<string>, title: string): S3KeySource =>
  async () =>
    parseKeys(
      await read(),
      (what) => new PolyreelError("precondition", { reason: `${title} ${what}.`, remedy: `Set it to ${LINES}.` }),
    );

function parseKeys(text: string, unreadable: (what: string) => PolyreelError): S3Keys {
  const found = new Map<string, string>();
  let section = "default";
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1] ?? section;
    const [, name, value] = /^\s*(aws_[a-z_]+)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (section === "default" && name && value) found.set(name, value);
  }
  const accessKeyId = found.get("aws_access_key_id");
  const secretAccessKey = found.get("aws_secret_access_key");
  if (!accessKeyId) throw unreadable("has no aws_access_key_id");
  if (!secretAccessKey) throw unreadable("has no aws_secret_access_key");
  const sessionToken = found.get("aws_session_token");
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

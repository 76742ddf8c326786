import { readFile } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { quote } from "@polyreel/spec";

/** One line of visible ASCII: all that a header can carry. */
const KEY = /^[\x21-\x7e]{1,1000}$/;

/**
 * Reads the key of a provider from its file, each time, so that a replaced file is noticed. Throws PolyreelError
 * `precondition`, which has no byte of the file.
 */
export async function readApiKey(provider: string, path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unusable(provider, `can't be read (${systemCode(error) ?? "unknown error"})`);
  });
  const key = text.trim();
  if (!KEY.test(key)) throw unusable(provider, "has no key in it");
  return key;
}

const unusable = (provider: string, what: string): PolyreelError =>
  new PolyreelError("precondition", {
    reason: `The credentials file of the voice provider ${quote(provider)} ${what}.`,
    remedy: "The operator writes the key into it, alone on one line, readable by the speech service.",
  });

import { readFile } from "node:fs/promises";
import type { Credentials, Secrets } from "@polyreel/pipeline/settings";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { quote } from "@polyreel/spec";

/** One line of visible ASCII: all that a header can carry. */
const KEY = /^[\x21-\x7e]{1,1000}$/;

/**
 * Reads the key of a provider from its file or secret, each time, so that a replaced one is noticed. Throws PolyreelError
 * `precondition`, which has no byte of it.
 */
export async function readApiKey(provider: string, credentials: Credentials, secrets: Secrets): Promise<string> {
  const of = `the voice provider ${quote(provider)}`;
  if ("secret" in credentials) {
    const { value } = await secrets.read(credentials.secret, of);
    return keyIn(value, `The secret of ${of}`, "Set it to the key, alone on one line: polyreel secrets set.");
  }
  const title = `The credentials file of ${of}`;
  const text = await readFile(credentials.file, "utf8").catch((error: unknown) => {
    throw unusable(`${title} can't be read (${systemCode(error) ?? "unknown error"}).`, FILE_REMEDY);
  });
  return keyIn(text, title, FILE_REMEDY);
}

const FILE_REMEDY = "The operator writes the key into it, alone on one line, readable by the speech service.";

function keyIn(text: string, title: string, remedy: string): string {
  const key = text.trim();
  if (!KEY.test(key)) throw unusable(`${title} has no key in it.`, remedy);
  return key;
}

const unusable = (reason: string, remedy: string): PolyreelError =>
  new PolyreelError("precondition", { reason, remedy });

import { PolyreelError } from "@polyreel/platform";
import { isCommonPassword } from "./common-passwords.js";

const MIN_CHARACTERS = 12;
const MAX_CHARACTERS = 128;

/** The same password, however a keyboard composes its characters (NIST SP 800-63B, section 5.1.1.2). */
export const normalizePassword = (text: string): string => text.normalize("NFKC");

/**
 * A password that may be set, normalised: its length counts, not what it consists of (NIST SP 800-63B, section 5.1.1.2). Throws
 * PolyreelError `invalid`, which does not contain it.
 */
export function parseNewPassword(text: string, email: string): string {
  const password = normalizePassword(text);
  const length = [...password].length;
  if (length < MIN_CHARACTERS) throw refused(`The password has ${length} characters, fewer than ${MIN_CHARACTERS}.`);
  if (length > MAX_CHARACTERS) throw refused(`The password has ${length} characters, more than ${MAX_CHARACTERS}.`);
  const lower = password.toLowerCase();
  const [name = ""] = email.split("@", 1);
  if (lower === email || (name.length >= MIN_CHARACTERS / 2 && lower.replaceAll(name, "").length < MIN_CHARACTERS / 2))
    throw refused("The password is the email address, or little else.");
  if (isCommonPassword(lower)) throw refused("The password is one of those that are guessed first.");
  return password;
}

const refused = (reason: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "new_password",
    reason,
    remedy: `Choose ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters of any kind, such as several words.`,
  });

import { createHash } from "node:crypto";
import { PolyreelError } from "@polyreel/platform";

/** One @, something on both sides, nothing that no mail server accepts. Whether it exists, only mail can tell. */
const EMAIL = /^[^\s@"<>(),:;[\]\\\p{Cc}]{1,64}@[^\s@"<>(),:;[\]\\\p{Cc}]{1,253}$/u;
const MAX_LENGTH = 254;

/** Two writings of one address become the same text. */
export const normalizeEmail = (text: string): string => text.trim().normalize("NFKC").toLowerCase();

/** Throws PolyreelError `invalid` for what is no email address. */
export function parseEmail(text: string): string {
  const email = normalizeEmail(text);
  if (email.length <= MAX_LENGTH && EMAIL.test(email)) return email;
  throw new PolyreelError("invalid", {
    field: "email",
    reason: `${JSON.stringify(text.slice(0, 80))} is not an email address.`,
    remedy: "Write it as in jane@studio.example.",
  });
}

/** The id of the user with an address: the address itself makes it unique, however many gateways create users. */
export const userIdOf = (email: string): string => createHash("sha256").update(email).digest("hex").slice(0, 24);

/** Of a user named by id or address. */
export const namedUserId = (text: string): string => (text.includes("@") ? userIdOf(normalizeEmail(text)) : text);

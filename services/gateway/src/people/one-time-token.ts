import { makeSecret } from "./secret.js";

const TOKEN = /^set_([0-9a-f]{24})_([A-Za-z0-9_-]{43})$/;

/** The token by which a person sets their password: `set_<user id>_<secret>`. */
export function makePasswordToken(userId: string): { readonly text: string; readonly secret: string } {
  const secret = makeSecret();
  return { text: `set_${userId}_${secret}`, secret };
}

/** Undefined if it is none. */
export function parsePasswordToken(text: string): { readonly userId: string; readonly secret: string } | undefined {
  const [, userId, secret] = TOKEN.exec(text) ?? [];
  return userId && secret ? { userId, secret } : undefined;
}

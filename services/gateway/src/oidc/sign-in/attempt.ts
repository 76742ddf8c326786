import { hkdfSync } from "node:crypto";
import { EncryptJWT, jwtDecrypt } from "jose";
import type { LinkKey } from "../../links/link-keys.js";

/** Time for a person to sign in at the provider. */
export const ATTEMPT_LASTS_SECONDS = 600;

/** A sign-in that began in a browser, which alone can end it: kept in its cookie, as no gateway has to remember it. */
export interface Attempt {
  /** Name of the provider. */
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Path to go to afterwards. */
  readonly to: string;
}

/** The key of cookies, derived from the one that signs links: all gateways of an installation share it. */
export function attemptKey([key]: readonly LinkKey[]): Uint8Array {
  if (!key) throw new Error("There is no key to derive another one from.");
  return new Uint8Array(hkdfSync("sha256", key.secret, "", "polyreel sign-in attempts", 32));
}

/** Encrypted, so that nothing but a gateway reads or changes it. */
export const sealAttempt = (attempt: Attempt, key: Uint8Array, nowMs: number): Promise<string> =>
  new EncryptJWT({ ...attempt })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setExpirationTime(Math.floor(nowMs / 1000) + ATTEMPT_LASTS_SECONDS)
    .encrypt(key);

/** Signs out at the provider; encrypted likewise. Longer ones fit in no address. */
const LONGEST_ID_TOKEN = 4000;

export const sealIdToken = async (idToken: string, key: Uint8Array): Promise<string> =>
  idToken.length > LONGEST_ID_TOKEN
    ? ""
    : await new EncryptJWT({ idToken }).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(key);

/** Undefined if there is none, or none of this installation. */
export async function openIdToken(sealed: string, key: Uint8Array): Promise<string | undefined> {
  try {
    return (await jwtDecrypt<{ idToken: string }>(sealed, key, DIRECT)).payload.idToken;
  } catch {
    return undefined;
  }
}

const DIRECT = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] };

/** Undefined if it is none of this installation, or too old. */
export async function openAttempt(text: string, key: Uint8Array, nowMs: number): Promise<Attempt | undefined> {
  try {
    const { payload } = await jwtDecrypt<Attempt>(text, key, { ...DIRECT, currentDate: new Date(nowMs) });
    const { provider, state, nonce, codeVerifier, to } = payload;
    return { provider, state, nonce, codeVerifier, to };
  } catch {
    return undefined;
  }
}

import { randomUUID } from "node:crypto";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Session } from "@polyreel/contract";
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { roleName } from "../access/roles.js";
import { ACCESS_LASTS_MS } from "./lifetimes.js";
import { tokenKey } from "./secret.js";
import { ALGORITHM, type SigningKeys } from "./signing-keys.js";

/** What every token of an installation states: its signature tells installations apart. */
const ISSUER = "urn:polyreel";
const AUDIENCE = "urn:polyreel:api";
/** RFC 9068, section 2.1: no other kind of token is taken for one. */
const TYPE = "at+jwt";
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_KNOWN = 10_000;
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/;

/** What a valid token states; what it permits, its session and its user tell. */
export interface AccessClaims {
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

/** JWTs that sessions send with each request. Signatures are verified once. */
export class AccessTokens {
  /** By hash, valid ones only. */
  readonly #verified = new LRUCache<string, AccessClaims>({ max: MAX_KNOWN });

  constructor(private readonly keys: SigningKeys) {}

  async sign(session: Session): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const { id, privateKey } = await this.keys.signing();
    const nowSeconds = Math.floor(Date.now() / 1000);
    const endMs = session.expiresAt ? timestampMs(session.expiresAt) : 0;
    const expiresAt = Math.min(nowSeconds + ACCESS_LASTS_MS / 1000, Math.floor(endMs / 1000));
    const claims = { sid: session.id, tenant: session.tenant, role: roleName(session.role) };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: id, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(session.userId)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setExpirationTime(expiresAt)
      .sign(privateKey);
    return { token, expiresAtMs: expiresAt * 1000 };
  }

  /** Whether a token states that it is of this kind, which is unverified: others may be a provider's. */
  isOurs(token: string): boolean {
    if (this.#verified.has(tokenKey(token))) return true;
    if (!JWT.test(token)) return false;
    try {
      return decodeJwt(token).iss === ISSUER;
    } catch {
      return false;
    }
  }

  /** What a token states that was verified before; undefined for others, and for an expired one. */
  recalled(token: string): AccessClaims | undefined {
    const claims = this.#verified.get(tokenKey(token));
    return claims && claims.expiresAtMs > Date.now() ? claims : undefined;
  }

  /** What a token states; undefined for a wrong or expired one. */
  async verify(token: string): Promise<AccessClaims | undefined> {
    const hash = tokenKey(token);
    const claims = this.#verified.get(hash) ?? (await this.#verify(token));
    if (!claims || claims.expiresAtMs <= Date.now()) return undefined;
    this.#verified.set(hash, claims);
    return claims;
  }

  async #verify(token: string): Promise<AccessClaims | undefined> {
    const key = await this.keys.verifying(keyIdOf(token));
    if (!key) return undefined;
    const options = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, typ: TYPE };
    const verified = await jwtVerify(token, key, {
      ...options,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ["exp", "iat", "sub", "sid"],
    }).catch(() => undefined);
    const { sid, exp } = verified?.payload ?? {};
    return typeof sid === "string" && exp !== undefined ? { sessionId: sid, expiresAtMs: exp * 1000 } : undefined;
  }
}

function keyIdOf(token: string): string {
  try {
    return decodeProtectedHeader(token).kid ?? "";
  } catch {
    return "";
  }
}

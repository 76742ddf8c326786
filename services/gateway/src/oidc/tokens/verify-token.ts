import { PolyreelError } from "@polyreel/platform";
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { wrongToken } from "../../access/scheme.js";
import type { Provider } from "../provider/provider.js";

export interface Expected {
  readonly audiences: readonly string[];
  /** For testing. */
  readonly now?: Date;
}

export interface VerifiedToken {
  readonly claims: JWTPayload & { readonly exp: number };
  /** The `typ` of its header, in lower case and without "application/"; "jwt" by default. */
  readonly type: string;
}

/**
 * Verifies a provider's JWT: signature, issuer, audience, times. Throws PolyreelError `unauthenticated`, whose text says what
 * is wrong only for tokens that the provider signed; `unavailable` while the provider's keys are unknown.
 */
export async function verifyToken(
  token: string,
  provider: Provider,
  { audiences, now }: Expected,
): Promise<VerifiedToken> {
  const { issuer, algorithms, clockToleranceSeconds } = provider.settings;
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyOf(provider), {
      ...{ issuer, audience: [...audiences], algorithms: [...algorithms], clockTolerance: clockToleranceSeconds },
      requiredClaims: ["exp", "sub"],
      ...(now && { currentDate: now }),
    });
    const type = (protectedHeader.typ ?? "JWT").toLowerCase().replace(/^application\//, "");
    return { claims: { ...payload, exp: payload.exp ?? 0 }, type };
  } catch (error) {
    throw refusalOf(error, provider);
  }
}

/** Keys that are not known yet are looked for: the provider may have rotated them. */
const keyOf =
  (provider: Provider): JWTVerifyGetKey =>
  async (header, jws) => {
    try {
      return await (await provider.keys())(header, jws);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await provider.newerKeys())(header, jws);
    }
  };

/** Claims are looked at after the signature: their faults are reported only to callers whom the provider knows. */
function refusalOf(error: unknown, { settings }: Provider): unknown {
  if (error instanceof errors.JWTExpired) return stale(settings.label);
  if (error instanceof errors.JWTClaimValidationFailed) return unfit(settings.label, error.claim);
  return error instanceof errors.JOSEError ? wrongToken() : error;
}

const stale = (label: string): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: `The token of ${JSON.stringify(label)} has expired.`,
    remedy: "Get another one from the provider; people do by: polyreel login.",
  });

/** For a token that the provider signed, but not for this use. */
export const unfit = (label: string, claim: string): PolyreelError =>
  new PolyreelError("unauthenticated", {
    reason: `The token of ${JSON.stringify(label)} is not one for this gateway: its "${claim}" is not as it has to be.`,
    remedy: "Request one for the audience that the gateway's operator names in POLYREEL_OIDC.",
  });

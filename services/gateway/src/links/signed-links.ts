import { createHmac, timingSafeEqual } from "node:crypto";
import { OUTPUT_URL_ROOT } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { LinkKey } from "./link-keys.js";
import { LINK_PARAMETERS, linkTarget } from "./link-target.js";

export const MAX_LINK_LIFETIME_MS = 7 * 86_400_000;

export interface LinkSettings {
  /** The first one signs, all of them verify. */
  readonly keys: readonly LinkKey[];
  /** Lifetime of a link for which none is given. */
  readonly lifetimeMs: number;
  /** Where clients reach the gateway, without a slash at the end. Called for each link: a free port is known late. */
  readonly publicUrl: () => string;
  /** The same for outputs, if a CDN distributes them. */
  readonly cdnUrl: string | undefined;
}

export interface LinkOptions {
  readonly tenant: string;
  /** At most seven days. The configured one by default. */
  readonly lifetimeMs?: number | undefined;
}

/** What a valid link permits: requests with its method and path, as this tenant. */
export interface LinkClaim {
  readonly tenant: string;
  readonly expiresAtMs: number;
}

/**
 * Links that work without any other authentication until they expire: one method, one path with its query, one tenant,
 * signed with HMAC-SHA256. A link for GET permits HEAD too. Nothing is stored: a link is revoked by removing its key.
 */
export class SignedLinks {
  constructor(
    private readonly settings: LinkSettings,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * The complete URL of a path of the gateway, which may have a query. Throws PolyreelError `invalid` for a lifetime that is
   * out of range.
   */
  url(method: string, path: string, { tenant, lifetimeMs = this.settings.lifetimeMs }: LinkOptions): string {
    const { keys, publicUrl, cdnUrl } = this.settings;
    const [key] = keys;
    if (!key) throw new Error("There is no key to sign links with.");
    if (!(lifetimeMs >= 1000 && lifetimeMs <= MAX_LINK_LIFETIME_MS)) throw lifetimeOutOfRange();
    const expires = String(Math.floor(this.expiry(lifetimeMs) / 1000));
    const signature = signatureOf(key, { method, path, tenant, expires });
    const parameters = new URLSearchParams({ key: key.id, tenant, expires, signature });
    const isDistributed = isReading(method) && path.startsWith(OUTPUT_URL_ROOT);
    const base = isDistributed && cdnUrl !== undefined ? cdnUrl : publicUrl();
    return `${base}${path}${path.includes("?") ? "&" : "?"}${parameters}`;
  }

  /** When a link that is made now expires, in milliseconds since 1970; a whole second. */
  expiry(lifetimeMs = this.settings.lifetimeMs): number {
    return Math.floor((this.now() + lifetimeMs) / 1000) * 1000;
  }

  /**
   * What the link of a request permits; undefined for a request without a signature. Throws PolyreelError `denied`, whose
   * text does not depend on whether the path exists.
   */
  verify(method: string, target: string): LinkClaim | undefined {
    const query = new URLSearchParams(target.split("?").slice(1).join("?"));
    if (!query.has("signature")) return undefined;
    const [keyId, tenant, expires, signature] = LINK_PARAMETERS.map((name) => only(query.getAll(name)));
    const key = this.settings.keys.find(({ id }) => id === keyId);
    if (!key || tenant === undefined || expires === undefined || signature === undefined) throw invalidLink();
    const expected = Buffer.from(signatureOf(key, { method, path: target, tenant, expires }));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalidLink();
    // Only for holders of a link that was valid once.
    const expiresAtMs = Number(expires) * 1000;
    if (expiresAtMs <= this.now()) throw expiredLink(expiresAtMs);
    return { tenant, expiresAtMs };
  }
}

interface Signed {
  readonly method: string;
  readonly path: string;
  readonly tenant: string;
  /** Unix time in seconds. */
  readonly expires: string;
}

/** A JSON array, so that no two requests have the same text. The first element names this form, should it change. */
function signatureOf({ id, secret }: LinkKey, { method, path, tenant, expires }: Signed): string {
  const text = JSON.stringify([
    "polyreel-link-1",
    isReading(method) ? "GET" : method,
    linkTarget(path),
    expires,
    tenant,
    id,
  ]);
  return createHmac("sha256", secret).update(text).digest("base64url");
}

const isReading = (method: string): boolean => method === "GET" || method === "HEAD";

const only = (values: readonly string[]): string | undefined => (values.length === 1 ? values[0] : undefined);

const NEW_LINK = "Ask for a new link where this one came from; ListCombinations makes them with `links`.";

const invalidLink = (): PolyreelError =>
  new PolyreelError("denied", {
    field: "signature",
    reason:
      "The link is not valid: it was altered or cut, is used with another method, or its key is no longer in use.",
    remedy: `Copy it whole, with everything after the "?". ${NEW_LINK}`,
  });

const expiredLink = (expiresAtMs: number): PolyreelError =>
  new PolyreelError("denied", {
    field: "expires",
    reason: `The link expired at ${new Date(expiresAtMs).toISOString()}.`,
    remedy: NEW_LINK,
  });

const lifetimeOutOfRange = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "link_lifetime",
    reason: "Links live from one second to seven days.",
    remedy: "Give a lifetime in this range, or leave it out.",
  });

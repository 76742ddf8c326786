import { randomBytes } from "node:crypto";
import { makeSecret, sha256 } from "./secret.js";

/** Ids begin with a hash of the user's: the sessions of one are listed together. */
export const sessionPrefix = (userId: string): string => sha256(userId).toString("hex").slice(0, 16);
export const makeSessionId = (userId: string): string => sessionPrefix(userId) + randomBytes(8).toString("hex");

/**
 * What shows that a session is one's own: `rt_<id>_<secret>_<rotating>` gets new tokens, `ps_<id>_<secret>` is a page's cookie. The
 * secret stays, so that an earlier refresh token is recognised; the rotating part is replaced with each use.
 */
export interface SessionToken {
  readonly id: string;
  readonly secret: string;
  /** Undefined for a page's. */
  readonly rotating: string | undefined;
}

export function makeSessionToken(id: string, isPage: boolean): SessionToken {
  return { id, secret: makeSecret(), rotating: isPage ? undefined : makeSecret() };
}

export const formatSessionToken = ({ id, secret, rotating }: SessionToken): string =>
  rotating === undefined ? `ps_${id}_${secret}` : `rt_${id}_${secret}_${rotating}`;

const PAGE = /^ps_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
const REFRESH = /^rt_([0-9a-f]{32})_([A-Za-z0-9_-]{43})_([A-Za-z0-9_-]{43})$/;

/** Undefined if it is neither. */
export function parseSessionToken(text: string): SessionToken | undefined {
  const [, id, secret, rotating] = REFRESH.exec(text) ?? PAGE.exec(text) ?? [];
  return id && secret ? { id, secret, rotating } : undefined;
}

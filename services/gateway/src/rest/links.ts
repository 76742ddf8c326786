import type { SignedLinks } from "../links/signed-links.js";
import type { RestCall } from "./rest-call.js";

/** Makes the links that answers contain. */
export type LinkTo = (path: string, call: Pick<RestCall, "tenant">) => string;

/** Complete URLs that work without any other authentication until they expire. */
export const signedLinks =
  (links: SignedLinks): LinkTo =>
  (path, { tenant }) =>
    links.url("GET", path, { tenant });

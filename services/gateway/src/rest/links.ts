import type { RestCall } from "./rest-call.js";

/** Makes the links that answers contain. */
export type LinkTo = (path: string, call: Pick<RestCall, "tenant">) => string;

/** Paths of this gateway. */
export const plainLinks: LinkTo = (path) => path;

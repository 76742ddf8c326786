import { createHash } from "node:crypto";

/**
 * The id of a notification, derived from what it is about: a fact that is read again, by any gateway, gives the same
 * one, so that receivers can recognise repeats.
 */
export const notificationId = (...about: readonly (string | number | bigint)[]): string =>
  `ntf_${createHash("sha256")
    .update(JSON.stringify(about.map(String)))
    .digest("hex")
    .slice(0, 32)}`;

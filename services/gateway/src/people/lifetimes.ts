const HOUR_MS = 3600_000;

/** Of an access token. Its session is asked for anyway, so that a shorter one would end nothing sooner. */
export const ACCESS_LASTS_MS = 24 * HOUR_MS;
/** From the sign-in; no use prolongs it. */
export const SESSION_LASTS_MS = 30 * 24 * HOUR_MS;
/** Of the token for the first password, and of one after a reset. */
export const INVITATION_LASTS_MS = 7 * 24 * HOUR_MS;
export const RESET_LASTS_MS = 24 * HOUR_MS;

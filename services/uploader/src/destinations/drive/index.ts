export { type AuthorizedUser, credentialsText, parseOAuthClient } from "./credentials.js";
export { DriveConsent, driveAccount } from "./drive-consent.js";

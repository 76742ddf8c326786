export { type AuthorizedUser, credentialsText, parseOAuthClient } from "./credentials.js";
export { credentialsFile } from "./credentials-source.js";
export { DriveConsent, driveAccount } from "./drive-consent.js";
export { DriveDestination } from "./drive-destination.js";
export { keptIdsIn } from "./kept-ids.js";

/** Origin of Drive's API. */
export const GOOGLE_API = "https://www.googleapis.com";
/** Where tokens are issued, unless a credentials file names another address. */
export const GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token";

/**
 * `drive.file` reaches only files that this application created; `drive` all files of the account, and so also folders
 * that people made.
 */
export const driveScopes = ["drive.file", "drive"] as const;
export type DriveScope = (typeof driveScopes)[number];

export const scopeUrl = (scope: DriveScope): string => `https://www.googleapis.com/auth/${scope}`;

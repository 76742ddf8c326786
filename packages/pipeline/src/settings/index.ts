export { type Credentials, SECRET_PREFIX } from "./credentials.js";
export { parseEntries } from "./parse-entries.js";
export { s3KeysOf } from "./s3-credentials.js";
export { NO_SECRETS, openSecrets, type Secrets, secretsIn } from "./secrets.js";
export { SettingsFile } from "./settings-file.js";
export { type Fields, SettingsReading } from "./settings-reading.js";
export type { SettingsTerms } from "./settings-terms.js";

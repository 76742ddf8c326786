export { parseEntries } from "./parse-entries.js";
export { SettingsFile } from "./settings-file.js";
export { type Fields, SettingsReading } from "./settings-reading.js";
export type { SettingsTerms } from "./settings-terms.js";

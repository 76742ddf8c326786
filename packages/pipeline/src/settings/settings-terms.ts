/** Wording of errors about a file of settings. */
export interface SettingsTerms {
  /** What it lists: `destinations`, for `the file of destinations`. */
  readonly plural: string;
  readonly singular: string;
  /** The variable that names the file. */
  readonly variable: string;
  /** The service that reads it. */
  readonly reader: string;
  /** What names of entries are like, where they are not words of 32 letters. */
  readonly names?: { readonly isName: (name: string) => boolean; readonly remedy: string };
}

export const FOLDER_TYPE = "application/vnd.google-apps.folder";

/** A text in a search of Drive. */
export const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

const isInFolder = (folderId: string): string => `${quoted(folderId)} in parents and trashed = false`;

/** Files and folders directly in a folder. */
export const entriesOf = isInFolder;

/** Those of a name; Drive ignores case there. */
export const namedIn = (folderId: string, name: string): string => `${isInFolder(folderId)} and name = ${quoted(name)}`;

/** Folders directly in a folder. */
export const foldersIn = (folderId: string): string => `${isInFolder(folderId)} and mimeType = '${FOLDER_TYPE}'`;

/** Files with these properties, anywhere. */
export const withProperties = (properties: Readonly<Record<string, string>>): string =>
  [
    ...Object.entries(properties).map(
      ([key, value]) => `appProperties has { key=${quoted(key)} and value=${quoted(value)} }`,
    ),
    "trashed = false",
  ].join(" and ");

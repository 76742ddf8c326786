import { PolyreelError } from "@polyreel/platform";

/** Limit of common file systems. */
const MAX_NAME_BYTES = 255;

/** Whether a name refers to one visible entry of its folder and nothing else. */
export const isPlainName = (name: string): boolean =>
  name !== "" && !name.startsWith(".") && !/[/\\\p{Cc}\p{Cs}]/u.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES;

/**
 * Returns a file's name unchanged. Planning creates safe names; this only verifies them. Throws PolyreelError
 * `invalid`.
 */
export function plainName(name: string): string {
  if (isPlainName(name)) return name;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(name.slice(0, 80))} is not a plain file name.`,
    remedy: "Choose another naming for the batch.",
  });
}

/** Splits a path into the names of its subfolders and of the file. Throws as `plainName`. */
export function plainPath(path: string): { readonly subfolders: readonly string[]; readonly fileName: string } {
  const names = path.split("/").map(plainName);
  return { subfolders: names.slice(0, -1), fileName: names.at(-1) ?? "" };
}

/** Names of the folders on a path below a destination's root; empty for ".". Throws PolyreelError `invalid`. */
export function foldersOf(folder: string): readonly string[] {
  const names = folder === "." ? [] : folder.split("/");
  if (names.every(isPlainName)) return names;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(folder.slice(0, 80))} is not a folder of the destination.`,
    remedy: 'Use a folder such as "spring/sale", or "." for the destination itself.',
  });
}

/** Prefix of a batch's incomplete files, so that those of dead processes can be removed. */
export const hiddenPrefix = (batchId: string): string => `.${plainName(batchId)}-`;

import { PolyreelError } from "@polyreel/platform";

/** What file systems take for one name. */
const MAX_NAME_BYTES = 255;

/** Whether a name stands for one thing in its folder and nothing else. */
export const isPlainName = (name: string): boolean =>
  name !== "" && !name.startsWith(".") && !/[/\\\p{Cc}\p{Cs}]/u.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES;

/**
 * A file's name, as it came. Names are made safe when a batch is planned; here they are only not believed. Throws
 * PolyreelError `invalid`.
 */
export function plainName(name: string): string {
  if (isPlainName(name)) return name;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(name.slice(0, 80))} is not a plain file name.`,
    remedy: "Choose another naming for the batch.",
  });
}

/** Of a path below a folder the names of its subfolders, and of the file. Throws PolyreelError `invalid`, as `plainName` does. */
export function plainPath(path: string): { readonly subfolders: readonly string[]; readonly fileName: string } {
  const names = path.split("/").map(plainName);
  return { subfolders: names.slice(0, -1), fileName: names.at(-1) ?? "" };
}

/** Begins the names of what is in the making of a batch, for those who clean up behind processes that died. */
export const hiddenPrefix = (batchId: string): string => `.${plainName(batchId)}-`;

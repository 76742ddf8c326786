import { realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, posix, relative, resolve, sep } from "node:path";
import type { FilesBeside, MediaKind, Unreadable } from "@polyreel/spec/batch-file";
import { globSync } from "tinyglobby";

/** As many as a block can have choices. */
const MAX_FILES = 10_000;

const EXTENSIONS: Readonly<Record<MediaKind, readonly string[]>> = {
  video: ["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "ts", "mts", "wmv", "mxf"],
  image: ["jpg", "jpeg", "png", "webp", "avif", "heic", "tif", "tiff", "gif"],
  audio: ["mp3", "m4a", "aac", "wav", "flac", "ogg", "opus", "aif", "aiff"],
};

/** Files of a folder, or that match a pattern. Hidden ones are left out. See FilesBeside. */
export function listFiles(
  root: string,
  path: string,
  kinds: readonly MediaKind[],
): ReturnType<FilesBeside["listFiles"]> {
  const full = resolve(root, path);
  const status = statusOf(full);
  const shown = JSON.stringify(path);
  if (status?.isDirectory()) {
    const extensions = kinds.flatMap((kind) => EXTENSIONS[kind]);
    const files = matching(full, `*.{${extensions.join(",")}}`);
    if (files.length > 0) return placed(root, path, full, files);
    return {
      what: `The folder ${shown} has no ${kinds.join(" or ")} file.`,
      remedy: `Such files end in ${extensions.join(", ")}.`,
    };
  }
  if (status || !/[*?]/.test(path)) return undefined;
  // What precedes the pattern is taken as written, whatever characters it has.
  const [folder, pattern] = /[*?]/.test(dirname(path)) ? ["", path] : [dirname(path), basename(path)];
  const base = resolve(root, folder);
  const files = matching(base, pattern);
  if (files.length > 0) return placed(root, folder, base, files);
  return { what: `No file matches ${shown}.`, remedy: "Check the path: it starts at the batch file's folder." };
}

/** Undefined if nothing can be found there; reading it gives the reason later. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

const matching = (cwd: string, pattern: string): string[] =>
  globSync(pattern, {
    cwd,
    onlyFiles: true,
    expandDirectories: false,
    caseSensitiveMatch: false,
  });

function placed(
  root: string,
  folder: string,
  base: string,
  found: readonly string[],
): { files: string[] } | Unreadable {
  if (found.length > MAX_FILES) {
    const [count, limit] = [found.length, MAX_FILES].map((number) => number.toLocaleString("en-US"));
    return {
      what: `${JSON.stringify(folder)} gives ${count} files; at most ${limit} are allowed.`,
      remedy: "Split the folder and the batch.",
    };
  }
  const folders = [realpathSync(root), realpathSync(base)];
  const outside = found.find((file) => leadsOut(resolve(base, file), folders));
  if (outside !== undefined) {
    const what = `${JSON.stringify(outside)} is a link to a file in another folder.`;
    return { what, remedy: "Name that file itself, or remove the link." };
  }
  const files = found.map((file) => posix.join(folder.replaceAll("\\", "/"), file));
  return { files: files.sort((a, b) => IN_ORDER.compare(a, b) || (a < b ? -1 : 1)) };
}

/** clip-2 before clip-10. */
const IN_ORDER = new Intl.Collator("en", { numeric: true });

/** Whether links lead from a path to a file outside of all these folders. */
function leadsOut(path: string, folders: readonly string[]): boolean {
  const target = realpathSync(path);
  return folders.every((folder) => relative(folder, target).split(sep)[0] === "..");
}

import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { FilesBeside } from "@polyreel/spec/batch-file";
import { listFiles } from "./list-files.js";

/** 10,000 rows of 3,000 characters. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads the files that a batch file names, from its folder. */
export function filesBeside(batchFile: string): FilesBeside {
  const folder = dirname(resolve(batchFile));
  return {
    readTable: (path) => readTable(resolve(folder, path), JSON.stringify(path)),
    listFiles: (path, kinds) => listFiles(folder, path, kinds),
  };
}

function readTable(path: string, shown: string): ReturnType<FilesBeside["readTable"]> {
  try {
    const status = statSync(path);
    if (!status.isFile()) return { what: `${shown} is no file.`, remedy: "Give a CSV, TSV or JSON file." };
    if (status.size > MAX_BYTES) {
      return { what: `${shown} has ${status.size} bytes; at most ${MAX_BYTES} are allowed.`, remedy: "Split it." };
    }
    return { text: decoded(readFileSync(path)) };
  } catch (error) {
    if (error instanceof TypeError) {
      return { what: `${shown} is not text in UTF-8.`, remedy: 'Save it from the spreadsheet as "CSV UTF-8".' };
    }
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? { what: `${shown} does not exist.`, remedy: "Check the path: it starts at the batch file's folder." }
      : { what: `${shown} can't be read (${code}).`, remedy: "Check the file's permissions." };
  }
}

/** UTF-8, or the UTF-16 that spreadsheets mark at its beginning. Throws TypeError for anything else. */
function decoded(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

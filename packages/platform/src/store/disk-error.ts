import { type ErrorCode, PolyreelError } from "../errors.js";

const KNOWN: Readonly<Record<string, { code: ErrorCode; reason: string; remedy: string }>> = {
  ENOSPC: { code: "exhausted", reason: "the disk is full", remedy: "Free some space there, or choose another folder." },
  EDQUOT: {
    code: "exhausted",
    reason: "the disk quota is used up",
    remedy: "Free some space there, or choose another folder.",
  },
  EMFILE: {
    code: "exhausted",
    reason: "too many files are open",
    remedy: "Raise the limit of open files (ulimit -n).",
  },
  ENFILE: { code: "exhausted", reason: "too many files are open", remedy: "Raise the system's limit of open files." },
  EACCES: {
    code: "unavailable",
    reason: "permission is denied",
    remedy: "Let the user that Polyreel runs as write there, or choose another folder.",
  },
  EPERM: {
    code: "unavailable",
    reason: "the operation is not permitted",
    remedy: "Let the user that Polyreel runs as write there, or choose another folder.",
  },
  EROFS: {
    code: "unavailable",
    reason: "the file system is read-only",
    remedy: "Mount it writable, or choose another folder.",
  },
  ENOTDIR: {
    code: "unavailable",
    reason: "a part of that path is a file, not a folder",
    remedy: "Remove that file, or choose another folder.",
  },
  EEXIST: {
    code: "unavailable",
    reason: "something else lies there",
    remedy: "Remove it, or choose another folder.",
  },
  EISDIR: { code: "unavailable", reason: "a folder lies there", remedy: "Remove that folder, or choose another name." },
  EIO: { code: "unavailable", reason: "the disk reports an error", remedy: "Check the disk." },
};

/** The `code` of a system error ("ENOENT"), where it is one. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/**
 * What a failed file operation means to people, as in "Cannot write to /out: the disk is full." Errors that the disk has
 * no part in come back as they are.
 */
export function diskError(action: string, error: unknown): unknown {
  if (error instanceof PolyreelError) return error;
  const known = KNOWN[systemCode(error) ?? ""];
  if (!known) return error;
  return new PolyreelError(
    known.code,
    { reason: `Cannot ${action}: ${known.reason}.`, remedy: known.remedy },
    { cause: error },
  );
}

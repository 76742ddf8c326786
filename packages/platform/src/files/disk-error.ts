import { type ErrorCode, PolyreelError } from "../errors.js";

interface DiskFault {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly remedy: string;
}

const UNREACHABLE: DiskFault = {
  code: "unavailable",
  reason: "its disk cannot be reached",
  remedy: "Bring the disk back: see that it is mounted and answers.",
};

/** All of these may recover, and are retried, except for `conflict` and `invalid`, which need an action. */
const KNOWN: Readonly<Record<string, DiskFault>> = {
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
  ENOENT: {
    code: "unavailable",
    reason: "the folder is gone",
    remedy: "Make the folder again, or mount its disk.",
  },
  ENOTDIR: {
    code: "conflict",
    reason: "a part of that path is a file, not a folder",
    remedy: "Remove that file, or choose another folder.",
  },
  EEXIST: {
    code: "conflict",
    reason: "something else lies there",
    remedy: "Remove it, or choose another folder.",
  },
  EISDIR: { code: "conflict", reason: "a folder lies there", remedy: "Remove that folder, or choose another name." },
  ELOOP: { code: "conflict", reason: "symbolic links lead in a circle", remedy: "Remove one of these links." },
  ENAMETOOLONG: {
    code: "invalid",
    reason: "the path is longer than the file system takes",
    remedy: "Choose a shorter naming or folder.",
  },
  EIO: { code: "unavailable", reason: "the disk reports an error", remedy: "Check the disk." },
  EBUSY: { code: "unavailable", reason: "it is in use", remedy: "End the program that uses it." },
  ...Object.fromEntries(
    ["ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH"].map((code) => [
      code,
      UNREACHABLE,
    ]),
  ),
};

/** The `code` of a system error ("ENOENT"); undefined for others. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/**
 * Describes a failed file operation for users, as in "Cannot write to /out: the disk is full." Errors unrelated to the
 * disk are returned unchanged.
 */
export function diskError(action: string, error: unknown): unknown {
  if (error instanceof PolyreelError) return error;
  // Node raises some before the system would: ERR_FS_EISDIR.
  const known = KNOWN[systemCode(error)?.replace(/^ERR_FS_/, "") ?? ""];
  if (!known) return error;
  return new PolyreelError(
    known.code,
    { reason: `Cannot ${action}: ${known.reason}.`, remedy: known.remedy },
    { cause: error, outage: known.code !== "conflict" && known.code !== "invalid" },
  );
}

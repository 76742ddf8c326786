import { systemCode } from "./disk-error.js";

/** Whether an error of the file system means that the path does not exist, also because a parent is a file. */
export const isAbsent = (error: unknown): boolean => systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";

/** For `catch`: undefined if the path does not exist; throws other errors. */
export function undefinedIfAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

import { PolyreelError, sourceError } from "@polyreel/platform";
import { ProgramFailure } from "./failure.js";

/** Failures of the machine, in the C library's words, which are the same in all versions of ffmpeg. */
const MACHINE =
  /Input\/output error|Too many open files|Resource temporarily unavailable|Permission denied|No such file or directory|Read-only file system|Stale file handle|Device or resource busy|Interrupted system call/;
/** ffmpeg's exit code after a signal to stop. */
const STOPPED = 255;

/**
 * Converts a failed run on untrusted media: if ffmpeg exited by itself for an unknown reason, the cause is the media or
 * the command, which would be the same at every attempt, so the error becomes `invalid`. A killed process or a failure
 * of the machine is kept, and retried. Errors of other kinds pass.
 */
export function mediaFault(error: unknown, { reason, remedy }: { reason: string; remedy: string }): unknown {
  if (!(error instanceof PolyreelError) || error.code !== "internal") return error;
  const { cause } = error;
  if (!(cause instanceof ProgramFailure)) return error;
  const { code, stderr } = cause.ending;
  if (code === null || code === 0 || code === STOPPED || MACHINE.test(stderr)) return error;
  return sourceError({ reason, remedy }, { cause });
}

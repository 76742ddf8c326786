import { PolyreelError, sourceError } from "@polyreel/platform";
import { ProgramFailure } from "./failure.js";

/** What the machine failed at, in the C library's words, which are the same in all versions of ffmpeg. */
const MACHINE =
  /Input\/output error|Too many open files|Resource temporarily unavailable|Permission denied|No such file or directory|Read-only file system|Stale file handle|Device or resource busy|Interrupted system call/;
/** ffmpeg ends with this one after a signal to stop, as if all were well. */
const STOPPED = 255;

/**
 * A failure of a run that read media from outside: where ffmpeg gave up by itself, in a way that is known nowhere, it follows
 * from the media and the command, which are the same at every attempt, so it becomes `invalid`. What was killed, and what the
 * machine failed at, stays as it is, and is tried again. Errors of other kinds pass.
 */
export function mediaFault(error: unknown, { reason, remedy }: { reason: string; remedy: string }): unknown {
  if (!(error instanceof PolyreelError) || error.code !== "internal") return error;
  const { cause } = error;
  if (!(cause instanceof ProgramFailure)) return error;
  const { code, stderr } = cause.ending;
  if (code === null || code === 0 || code === STOPPED || MACHINE.test(stderr)) return error;
  return sourceError({ reason, remedy }, { cause });
}

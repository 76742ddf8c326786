import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "@polyreel/media/ffmpeg";

/** Runs ffmpeg as a script would, without Polyreel's code. Throws with its output. */
export async function plainFfmpeg(args: readonly string[], signal: AbortSignal): Promise<void> {
  const program = await findProgram("ffmpeg");
  await promisify(execFile)(program, ["-nostdin", "-v", "error", "-y", ...args], { signal });
}

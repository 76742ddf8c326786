import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { childEnvironment } from "@polyreel/platform/process";

/** The file of a program: its absolute path, or a name on the PATH. Throws PolyreelError `precondition`. */
export async function findProgram(program: string): Promise<string> {
  const folders = isAbsolute(program) ? [""] : (childEnvironment().PATH ?? "").split(delimiter).filter(isAbsolute);
  const isName = !program.includes("/");
  for (const folder of isAbsolute(program) || isName ? folders : []) {
    const path = folder === "" ? program : join(folder, program);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  throw new PolyreelError("precondition", {
    reason: `The program ${JSON.stringify(program)} of POLYREEL_VOICE_COMMAND can't be run.`,
    remedy: "Give its absolute path, or install it on the PATH, so that the speech service may execute it.",
  });
}

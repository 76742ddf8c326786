import { FailureCode, type Voice } from "@polyreel/contract";
import { UNLISTED } from "@polyreel/media/speech";
import { PolyreelError } from "@polyreel/platform";

/**
 * Checks that a voice has the build that a line was planned for: speech by another build would not match the part's
 * recipe. Lines of releases without builds have none, and are spoken by any build. Throws PolyreelError `unavailable`
 * if another speech service may have the build, `precondition` if the line was planned while the voice was not listed;
 * a retry of the batch plans such lines for the build that is listed then.
 */
export function requirePlannedBuild(planned: string, { name, build }: Voice): void {
  if (planned === "" || planned === build) return;
  if (planned === UNLISTED) {
    throw new PolyreelError("precondition", {
      code: FailureCode.UNAVAILABLE,
      reason: `The line was planned while the voice "${name}" was not listed.`,
      remedy: "The voice is listed now: retry the batch.",
    });
  }
  throw new PolyreelError(
    "unavailable",
    {
      reason: `The line was planned for the voice "${name}" of "${planned}", and this speech service has "${build}".`,
      remedy:
        "Retry the batch; if the same lines fail again, submit it again. Run the same engines on all speech services.",
    },
    { outage: false },
  );
}

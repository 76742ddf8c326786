import { FailureCode, type Voice } from "@polyreel/contract";
import { UNLISTED } from "@polyreel/media/speech";
import { PolyreelError } from "@polyreel/platform";

/**
 * Checks that a voice has the build that a line was planned for: a line spoken by another one would carry a recipe that is not
 * its own. Lines planned before builds were recorded name none, and any build speaks them. Throws PolyreelError `unavailable`
 * where another speech service may have the build, `precondition` where the line was planned without one; a retry of the batch
 * plans such lines for the build that is listed by then.
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
        "Retry the batch; if the same lines fail again, submit it anew. Run the same engines on all speech services.",
    },
    { outage: false },
  );
}

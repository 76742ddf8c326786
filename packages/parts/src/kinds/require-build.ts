import { PolyreelError } from "@polyreel/platform";

/**
 * Checks that this renderer encodes with the build that a recipe was planned for. A part of another build would be stored
 * under the wrong recipe, and would differ from the parts it is joined with. `planned`: a recipe's `encoder`, which may
 * continue with the engine that draws texts; `own`: this renderer's. Throws PolyreelError `unavailable`: another renderer
 * may have the build.
 */
export function requireBuild(planned: string, own: string): void {
  if (planned === own || planned.startsWith(`${own}/`)) return;
  throw new PolyreelError("unavailable", {
    reason: `The batch was planned for "${planned}", and this renderer encodes with "${own}".`,
    remedy: "Run the same ffmpeg on the planner and all renderers. After an upgrade, submit the batch again.",
  });
}

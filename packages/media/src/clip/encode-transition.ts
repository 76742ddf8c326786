import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ClipRecipe, TransitionRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { bounds, type EncodedClip, type EncodeWork, encodeFrames } from "./encode-frames.js";
import type { ClipFormat } from "./format.js";
import { type ClipSource, formatOfRecipe, openScene, requireAllFrames } from "./scene.js";
import { encoderThreads } from "./settings.js";
import { totalFrames } from "./timing-filters.js";
import { transitionFilters } from "./transition-filters.js";

export interface TransitionWork extends EncodeWork {
  from: ClipSource;
  to: ClipSource;
}

type Side = "from" | "to";

/**
 * Encodes what is seen while one clip becomes another: as many frames as each of the two stretches has (held ones included),
 * each stretch as `encodeClip` would show it. Throws as `encodeClip` does.
 */
export async function encodeTransition(recipe: TransitionRecipe, work: TransitionWork): Promise<EncodedClip> {
  const { from, to, format, frames } = bothStretches(recipe);
  const { signal } = work;
  const threads = encoderThreads(frames);
  const open = async (side: Side, folder: string, firstInput: number) => {
    const own = join(folder, side);
    await mkdir(own, { recursive: true });
    const at = { firstInput, prefix: `${side}_`, output: `[${side}]` };
    return openScene(side === "from" ? from : to, work[side], { folder: own, threads, signal, at });
  };
  return encodeFrames(
    {
      format,
      frames,
      graph: async (folder) => {
        const first = await open("from", folder, 0);
        const second = await open("to", folder, first.inputs.length);
        const blend = transitionFilters(recipe, format, frames);
        return {
          inputs: [...first.inputs, ...second.inputs],
          filters: [first.filters, second.filters, blend].join(";"),
        };
      },
      requireAll: async (encoded, folder) => {
        if (encoded === frames) return;
        // Which one ended early? Each is asked alone.
        for (const side of ["from", "to"] as const) {
          const { inputs, filters } = await open(side, join(folder, "alone"), 0);
          requireAllFrames(
            side === "from" ? from : to,
            await countFrames(inputs, `${filters};[${side}]null[clip]`, work),
          );
        }
      },
    },
    work,
  );

  async function countFrames(
    inputs: Parameters<typeof runFfmpeg>[0]["inputs"],
    filterComplex: string,
    { signal }: EncodeWork,
  ): Promise<number> {
    const outputs = [{ stdout: true as const, options: ["-map", "[clip]", "-f", "null"] }];
    return (await runFfmpeg({ inputs, filterComplex, outputs, ...bounds(format, frames), signal })).frames;
  }
}

function bothStretches({ from, to }: TransitionRecipe): {
  from: ClipRecipe;
  to: ClipRecipe;
  format: ClipFormat;
  frames: number;
} {
  if (!from || !to) throw new PolyreelError("internal", "A transition's recipe lacks one of its clips.");
  const [format, other] = [formatOfRecipe(from), formatOfRecipe(to)];
  const frames = totalFrames(from);
  const isSame = (Object.keys(format) as (keyof ClipFormat)[]).every((key) => format[key] === other[key]);
  if (!isSame || totalFrames(to) !== frames) {
    throw new PolyreelError("internal", "The two clips of a transition differ in format or length.");
  }
  return { from, to, format, frames };
}

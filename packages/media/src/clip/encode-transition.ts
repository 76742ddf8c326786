import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ClipRecipe, TransitionRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { runFfmpeg } from "../ffmpeg/run.js";
import { probe } from "../probe/probe.js";
import { bounds, type EncodedClip, type EncodeWork, encodeFrames } from "./encode-frames.js";
import type { ClipFormat } from "./format.js";
import { type ClipSource, formatOfRecipe, openScene, requireAllFrames, type Scene, startOf } from "./scene.js";
import { needsOwnClock } from "./seek.js";
import { encoderThreads } from "./settings.js";
import { totalFrames } from "./timing-filters.js";
import { transitionFilters } from "./transition-filters.js";

const SIDES = ["from", "to"] as const;
export type Side = (typeof SIDES)[number];

export interface TransitionWork extends EncodeWork {
  from: ClipSource;
  to: ClipSource;
  /** For `catch`: rethrows an error about one of the two clips, with the caller's context of that clip. */
  blaming?: (side: Side) => (error: unknown) => never;
}

/**
 * Encodes the transition from one clip to another: as many frames as each of the two stretches has, held ones included,
 * each stretch rendered as `encodeClip` would. Throws like `encodeClip`.
 */
export async function encodeTransition(recipe: TransitionRecipe, work: TransitionWork): Promise<EncodedClip> {
  const { clips, format, frames } = bothClips(recipe);
  const { signal, blaming = () => rethrow } = work;
  const threads = encoderThreads(frames);
  const probed = async (side: Side): Promise<ClipSource> => {
    const source = work[side];
    return { ...source, sourceProbe: source.sourceProbe ?? (await probe(source.sourcePath, { signal })) };
  };
  const sources = {
    from: await probed("from").catch(blaming("from")),
    to: await probed("to").catch(blaming("to")),
  };
  const ownClock = SIDES.some((side) => {
    const { sourceProbe } = sources[side];
    return sourceProbe && needsOwnClock(startOf(clips[side]), sourceProbe);
  });
  type OpenOptions = { firstInput: number; changing: boolean; ownClock: boolean };
  const open = async (side: Side, folder: string, { firstInput, changing, ownClock }: OpenOptions): Promise<Scene> => {
    const own = join(folder, side);
    await mkdir(own, { recursive: true });
    const at = { firstInput, prefix: `${side}_`, output: `[${side}]` };
    const making = { folder: own, threads, signal, at, ownClock, changing };
    return openScene(clips[side], sources[side], making).catch(blaming(side));
  };
  // Checks each clip alone to find out which one ended early or cannot be decoded.
  const requireBoth = async (folder: string) => {
    for (const side of SIDES) {
      const scene = await open(side, join(folder, "alone"), { firstInput: 0, changing: false, ownClock: false });
      const count = async () =>
        requireAllFrames(clips[side], await countFrames(scene, side, { format, frames, signal }));
      await count().catch(blaming(side));
    }
  };
  const graph = async (folder: string, changing: boolean): Promise<Scene> => {
    const from = await open("from", folder, { firstInput: 0, changing, ownClock });
    const to = await open("to", folder, { firstInput: from.inputs.length, changing, ownClock });
    const blend = transitionFilters(recipe, format, frames);
    return { inputs: [...from.inputs, ...to.inputs], filters: [from.filters, to.filters, blend].join(";") };
  };
  const requireAll = async (encoded: number, folder: string) => {
    if (encoded !== frames) await requireBoth(folder);
  };
  return encodeFrames({ format, frames, graph, requireAll, explain: requireBoth }, work);
}

const rethrow = (error: unknown): never => {
  throw error;
};

async function countFrames(
  { inputs, filters }: Scene,
  side: Side,
  { format, frames, signal }: { format: ClipFormat; frames: number; signal: AbortSignal },
): Promise<number> {
  const outputs = [{ stdout: true as const, options: ["-map", `[${side}]`, "-f", "null"] }];
  const stats = await runFfmpeg({ inputs, filterComplex: filters, outputs, ...bounds(format, frames), signal });
  return stats.frames;
}

interface BothClips {
  clips: Record<Side, ClipRecipe>;
  format: ClipFormat;
  frames: number;
}

function bothClips({ from, to }: TransitionRecipe): BothClips {
  if (!from || !to) throw new PolyreelError("internal", "A transition's recipe lacks one of its clips.");
  const [format, other] = [formatOfRecipe(from), formatOfRecipe(to)];
  const frames = totalFrames(from);
  const sameFormat =
    format.width === other.width &&
    format.height === other.height &&
    format.rateNumerator === other.rateNumerator &&
    format.rateDenominator === other.rateDenominator;
  if (!sameFormat || totalFrames(to) !== frames) {
    throw new PolyreelError("internal", "The two clips of a transition differ in format or length.");
  }
  return { clips: { from, to }, format, frames };
}

import type { ClipRecipe, Origin } from "@polyreel/contract";
import { type ClipSource, type EncodedClip, encodeClip, encodeTransition } from "@polyreel/media/clip";
import { clipEncoder } from "@polyreel/media/ffmpeg";
import type { Probe } from "@polyreel/media/probe";
import { PolyreelError, Releasers } from "@polyreel/platform";
import type { MadePart } from "../../part-maker.js";
import { type OpenSource, withUnchanged } from "../../sources/open-source.js";
import { namingSource, namingText } from "../naming-origins.js";
import type { Makers } from "../part-kind.js";
import { requireBuild } from "../require-build.js";
import type { Workshop } from "../workshop.js";
import { drawTexts } from "./draw-texts.js";

/** Encodes a clip, or the transition between two. */
export const make: Makers<"clip" | "transition"> = {
  clip: async (recipe, { origins: [origin], textOrigins }, workshop) => {
    requireBuild(recipe.encoder, await clipEncoder());
    return withSources(workshop, async (open) => {
      const source = await sourceOf(recipe, open, { origin, textOrigins }, workshop);
      return encodeClip(recipe, { ...source, ...workshop }).catch(namingSource(origin));
    });
  },
  transition: async (recipe, { origins: [first, second], textOrigins }, workshop) => {
    if (!recipe.from || !recipe.to)
      throw new PolyreelError("internal", "A transition was requested without its clips.");
    const { from, to } = recipe;
    requireBuild(from.encoder, await clipEncoder());
    const texts = from.texts.length;
    const blaming = (side: "from" | "to") => namingSource(side === "from" ? first : second);
    return withSources(workshop, async (open) => {
      const sides = {
        from: await sourceOf(from, open, { origin: first, textOrigins: textOrigins.slice(0, texts) }, workshop),
        to: await sourceOf(to, open, { origin: second, textOrigins: textOrigins.slice(texts) }, workshop),
      };
      return encodeTransition(recipe, { ...sides, blaming, ...workshop });
    });
  },
};

/** Gives the file of a source, and its probe on request. */
type Open = (sha256: string, probed?: boolean) => Promise<{ path: string; probe: Probe | undefined }>;

/** Encodes, and checks afterwards that no source has changed meanwhile. */
async function withSources(
  { sources, signal }: Workshop,
  encode: (open: Open) => Promise<EncodedClip>,
): Promise<MadePart> {
  const opened: OpenSource[] = [];
  await using releasers = new Releasers();
  const open: Open = async (sha256, probed = false) => {
    const source = await sources.open(sha256, signal);
    opened.push(source);
    releasers.add(() => source[Symbol.asyncDispose]());
    const { path } = source;
    return { path, probe: probed ? await sources.probe(sha256, source, signal) : undefined };
  };
  const { payloadPath, index } = await withUnchanged(opened, () => encode(open));
  return { payloadPath, index: { kind: { case: "clip", value: index } } };
}

/** The inputs of a recipe as files: the source, the background picture, and the texts. */
async function sourceOf(
  recipe: ClipRecipe,
  open: Open,
  { origin, textOrigins }: { origin: Origin | undefined; textOrigins: readonly Origin[] },
  { tempDir, signal }: Workshop,
): Promise<ClipSource> {
  const { path: sourcePath, probe: sourceProbe } = await open(recipe.sourceSha256, true).catch(namingSource(origin));
  const pathOf = async (sha256: string) => (await open(sha256)).path;
  const overlays = await drawTexts(recipe, { folder: tempDir, signal }, pathOf).catch(namingText(textOrigins));
  return {
    sourcePath,
    sourceProbe,
    overlays,
    ...(recipe.backgroundSha256 && { backgroundPath: await pathOf(recipe.backgroundSha256) }),
  };
}

import type { ClipRecipe, Origin, PartRequested } from "@polyreel/contract";
import { type ClipSource, type EncodedClip, encodeClip, encodeTransition } from "@polyreel/media/clip";
import { clipEncoder } from "@polyreel/media/ffmpeg";
import type { Probe } from "@polyreel/media/probe";
import type { Making } from "@polyreel/parts";
import type { OpenSource } from "@polyreel/parts/sources";
import type { Work } from "@polyreel/pipeline";
import { PolyreelError, Releasers } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { drawTexts } from "./draw-texts.js";
import { namingSource, namingText } from "./failures.js";
import { requireBuild } from "./require-build.js";
import type { Renderer } from "./service.js";

/** Encodes a clip, or the transition between two, once. */
export async function onClipRequested(
  told: FactMessage<"clip.requested">,
  work: Work,
  renderer: Renderer,
): Promise<void> {
  const { fact } = told;
  const { sources, parts } = renderer.tenants.of(fact.tenant);
  await renderer.maker.answer(parts, told, "clip", work, async (making) => {
    const opened: OpenSource[] = [];
    await using releasers = new Releasers();
    const open: Open = async (sha256, probed = false) => {
      const source = await sources.open(sha256, making.signal);
      opened.push(source);
      releasers.add(() => source[Symbol.asyncDispose]());
      const { path } = source;
      return { path, probe: probed ? await sources.probe(sha256, source, making.signal) : undefined };
    };
    const { payloadPath, index } = await encode(fact, open, making);
    for (const source of opened) await source.assertUnchanged();
    return { payloadPath, index: { kind: { case: "clip", value: index } } };
  });
}

/** Gives the file of a source, and what it is where that is asked for. */
type Open = (sha256: string, probed?: boolean) => Promise<{ path: string; probe: Probe | undefined }>;

async function encode(
  { recipe, origins, textOrigins }: PartRequested,
  open: Open,
  making: Making,
): Promise<EncodedClip> {
  const [first, second] = origins;
  if (recipe.case === "clip") {
    requireBuild(recipe.value.encoder, await clipEncoder());
    const source = await sourceOf(recipe.value, open, first, textOrigins, making);
    return encodeClip(recipe.value, { ...source, ...making }).catch(namingSource(first));
  }
  if (recipe.case !== "transition" || !recipe.value.from || !recipe.value.to) {
    throw new PolyreelError("internal", "A clip was requested without its recipe.");
  }
  requireBuild(recipe.value.from.encoder, await clipEncoder());
  const texts = recipe.value.from.texts.length;
  const from = await sourceOf(recipe.value.from, open, first, textOrigins.slice(0, texts), making);
  const to = await sourceOf(recipe.value.to, open, second, textOrigins.slice(texts), making);
  const blaming = (side: "from" | "to") => namingSource(side === "from" ? first : second);
  return encodeTransition(recipe.value, { from, to, blaming, ...making });
}

/** What a recipe is made from, as files: the source, the picture behind it, the texts over it. */
async function sourceOf(
  recipe: ClipRecipe,
  open: Open,
  origin: Origin | undefined,
  textOrigins: readonly Origin[],
  { tempDir, signal }: Making,
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

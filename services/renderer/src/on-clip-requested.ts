import type { ClipRecipe, Origin, PartRequested } from "@polyreel/contract";
import { type ClipSource, type EncodedClip, encodeClip } from "@polyreel/media/clip/encode.js";
import { encodeTransition } from "@polyreel/media/clip/encode-transition.js";
import { clipEncoder } from "@polyreel/media/ffmpeg/build.js";
import type { Making } from "@polyreel/media/parts/part-maker.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { type Store, sourceKey } from "@polyreel/platform/store/store.js";
import { drawTexts } from "./draw-texts.js";
import { namingSource, namingText } from "./failures.js";
import { requireBuild } from "./require-build.js";
import type { Renderer } from "./service.js";

/** Encodes a clip, or the transition between two, once. */
export async function onClipRequested({ fact }: Told<"clip.requested">, work: Work, renderer: Renderer): Promise<void> {
  const { store, parts } = renderer.tenants.of(fact.tenant);
  await renderer.maker.answer(parts, fact, "clip", work, async (making) => {
    const { payloadPath, index } = await encode(fact, store, making);
    return { payloadPath, index: { kind: { case: "clip", value: index } } };
  });
}

async function encode(
  { recipe, origins, textOrigins }: PartRequested,
  store: Store,
  making: Making,
): Promise<EncodedClip> {
  const [first, second] = origins;
  if (recipe.case === "clip") {
    requireBuild(recipe.value.encoder, await clipEncoder());
    const source = await sourceOf(recipe.value, store, first, textOrigins, making);
    return encodeClip(recipe.value, { ...source, ...making }).catch(namingSource(first));
  }
  if (recipe.case !== "transition" || !recipe.value.from || !recipe.value.to) {
    throw new PolyreelError("internal", "A clip was requested without its recipe.");
  }
  requireBuild(recipe.value.from.encoder, await clipEncoder());
  const texts = recipe.value.from.texts.length;
  const from = await sourceOf(recipe.value.from, store, first, textOrigins.slice(0, texts), making);
  const to = await sourceOf(recipe.value.to, store, second, textOrigins.slice(texts), making);
  const blaming = (side: "from" | "to") => namingSource(side === "from" ? first : second);
  return encodeTransition(recipe.value, { from, to, blaming, ...making });
}

/** What a recipe is made from, as files: the source, the picture behind it, the texts over it. */
async function sourceOf(
  recipe: ClipRecipe,
  store: Store,
  origin: Origin | undefined,
  textOrigins: readonly Origin[],
  { tempDir, signal }: Making,
): Promise<ClipSource> {
  const pathOf = (sha256: string) => store.localPath(sourceKey(sha256));
  const sourcePath = await pathOf(recipe.sourceSha256).catch(namingSource(origin));
  const overlays = await drawTexts(recipe, { folder: tempDir, signal }, pathOf).catch(namingText(textOrigins));
  return {
    sourcePath,
    overlays,
    ...(recipe.backgroundSha256 && { backgroundPath: await pathOf(recipe.backgroundSha256) }),
  };
}

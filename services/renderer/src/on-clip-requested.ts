import { Stage } from "@polyreel/contract";
import { encodeClip } from "@polyreel/media/clip/encode.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { sourceKey } from "@polyreel/platform/store/store.js";
import { drawTexts } from "./draw-texts.js";
import { namingSource } from "./failures.js";
import type { Renderer } from "./service.js";

/** Encodes a clip, once. */
export async function onClipRequested({ fact }: Told<"clip.requested">, work: Work, renderer: Renderer): Promise<void> {
  if (fact.recipe.case !== "clip") throw new PolyreelError("internal", "A clip was requested without its recipe.");
  const recipe = fact.recipe.value;
  const { store, parts } = renderer.tenants.of(fact.tenant);
  await renderer.maker.answer(parts, fact, "clip", Stage.CLIP, work, async ({ signal, tempDir, onProgress }) => {
    const overlays = await drawTexts(recipe, tempDir, (sha256) => store.localPath(sourceKey(sha256)));
    const sourcePath = await store.localPath(sourceKey(recipe.sourceSha256));
    const { payloadPath, index } = await encodeClip(recipe, {
      sourcePath,
      overlays,
      signal,
      tempDir,
      onProgress,
    }).catch(namingSource(fact.origins[0]));
    return { payloadPath, index: { kind: { case: "clip", value: index } } };
  });
}

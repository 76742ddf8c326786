import { create } from "@bufbuild/protobuf";
import { CombinationRenderedSchema, CombinationSchema, TargetSchema } from "@polyreel/contract";
import { certify, layOut, tagsOf } from "@polyreel/media/join";
import { deliverOutput, FolderDestination } from "@polyreel/uploader";
import type { ReadyCombination } from "./ready-parts.js";

/**
 * The work of the services for one combination whose parts are ready, without the messages between them: the renderer
 * lays out and certifies, the uploader lays out again, compares, writes under a hidden name and renames. Returns a
 * function that delivers the combination to a file of this name in `folder`.
 */
export function deliverer({ store, parts, clips, sound }: ReadyCombination, folder: string, signal: AbortSignal) {
  const deps = { store, parts, destination: new FolderDestination(folder) };
  const target = create(TargetSchema, { folder: "." });
  return async (fileName: string): Promise<void> => {
    const combination = create(CombinationSchema, {
      ...{ id: "bench", fileName, soundHash: sound.hash },
      clips: clips.map(({ hash }) => ({ hash })),
    });
    const rendered = create(CombinationRenderedSchema, {
      batchId: "bench",
      attempt: 1,
      combination,
      outputPlan: { targets: [target] },
      certificate: certify(clips, sound, layOut(clips, sound, tagsOf(combination))),
    });
    await deliverOutput(rendered, target, deps, { signal, traceId: "" });
  };
}

import type { Origin } from "@polyreel/contract";
import { foreseeImage, IMAGE_ENGINE, makeImage } from "@polyreel/media/image";
import { PolyreelError } from "@polyreel/platform";
import { withUnchanged } from "../../sources/open-source.js";
import { markSource } from "../mark-source.js";
import type { Makers } from "../part-kind.js";
import { requireBuild } from "../require-build.js";

/** Makes an image of a source. */
export const make: Makers<"image"> = {
  image: async ({ sourceSha256, image, engine }, { origins: [origin] }, workshop) => {
    requireBuild(engine, IMAGE_ENGINE);
    const { sources, images, tempDir, signal } = workshop;
    if (!image) throw new PolyreelError("internal", "An image was requested without its settings.");
    const making = async () => {
      const markSha256 = markSource(image.watermark);
      await using source = await sources.open(sourceSha256, signal);
      foreseeImage(image, await sources.probe(sourceSha256, source, signal));
      await using drawn = markSha256 ? await sources.open(markSha256, signal) : undefined;
      const files = { path: source.path, markPath: drawn?.path };
      const opened = drawn ? [source, drawn] : [source];
      return await withUnchanged(opened, () => makeImage(files, image, { workers: images, tempDir, signal }));
    };
    const { payloadPath, index } = await making().catch(naming(origin));
    return { payloadPath, index: { kind: { case: "image", value: index } } };
  },
};

/** For `catch`: the same error with the input; with the source's name if the source or a setting for it is at fault. */
const naming =
  (origin: Origin | undefined) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError) || error.code === "cancelled" || !origin) throw error;
    const { block, choice, sourceName } = origin;
    const { field, reason, remedy, code } = error.failure;
    if (error.code !== "invalid" || !sourceName || field.startsWith("watermark")) throw error.at({ block, choice });
    const named = `"${sourceName}": ${reason}`;
    throw new PolyreelError("invalid", { block, choice, field, reason: named, remedy, code }, { cause: error });
  };

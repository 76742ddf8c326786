import { clone, create } from "@bufbuild/protobuf";
import { type Output, type Source, SourceSchema, type Watermark, WatermarkSchema } from "@polyreel/contract";
import { IMAGE_ENGINE, requireImage } from "@polyreel/media/image";
import { PolyreelError } from "@polyreel/platform";
import { at, probed } from "./choose.js";
import type { Encoders } from "./clips.js";
import type { Knowledge } from "./resolved-inputs.js";
import { type SourceNeed, sourceNeed } from "./source-needs.js";

/** The watermark of an output; undefined: it has none. */
export function watermarkOf({ operation }: Output): Watermark | undefined {
  return operation.case === "image" || operation.case === "transcode" ? operation.value.watermark : undefined;
}

/** The need of an output whose watermark is an image that can be read. */
export function markNeed(output: Output): SourceNeed | undefined {
  const mark = watermarkOf(output)?.mark;
  return mark?.case === "image" ? sourceNeed(mark.value, { block: "", choice: "" }, "media") : undefined;
}

/** Engines that draw a watermark, for a recipe. */
export const markEngine = ({ mark }: Watermark, { text }: Pick<Encoders, "text">): string =>
  mark.case === "text" ? `${IMAGE_ENGINE}/${text}` : IMAGE_ENGINE;

/**
 * Watermarks as recipes state them, by output; pure. The image is stated by its bytes alone, wherever it is from and
 * whatever it is called. One that cannot be used is stated as unreadable: making the part then fails before any work,
 * and with it that output alone.
 */
export class Marks {
  readonly #resolved = new Map<number, Watermark>();

  constructor(
    private readonly needs: readonly (SourceNeed | undefined)[],
    private readonly knowledge: Knowledge,
  ) {}

  /** `output`: its index. */
  resolved(asked: Watermark, output: number): Watermark {
    if (asked.mark.case !== "image") return asked;
    const known = this.#resolved.get(output);
    if (known) return known;
    const watermark = clone(WatermarkSchema, asked);
    const location = this.#locationOf(asked.mark.value, this.needs[output]);
    watermark.mark = { case: "image", value: create(SourceSchema, { location }) };
    this.#resolved.set(output, watermark);
    return watermark;
  }

  #locationOf({ location }: Source, need: SourceNeed | undefined): Source["location"] {
    if (!need) return location;
    try {
      return at({ block: "", choice: "" }, [need], () => {
        const { sha256, probe } = probed(this.knowledge, need);
        requireImage(probe, "Use a still image, or a text.");
        return { case: "sha256", value: sha256 };
      });
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      return { case: "unreadable", value: error.failure.reason };
    }
  }
}

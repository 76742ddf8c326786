import { clone, create } from "@bufbuild/protobuf";
import {
  type Image,
  type ImageRecipe,
  ImageRecipeSchema,
  ImageSchema,
  type InputUse,
  type Origin,
  OriginSchema,
  type Output,
  SourceSchema,
} from "@polyreel/contract";
import { IMAGE_ENGINE, requireImage } from "@polyreel/media/image";
import { recipeHash } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { at, probed } from "./choose.js";
import type { Encoders } from "./clips.js";
import { type SourceNeed, sourceNeed } from "./needs.js";
import type { Knowledge } from "./resolved-inputs.js";

/** An image made of an input. */
export interface ImagePart {
  readonly kind: "image";
  readonly hash: string;
  readonly recipe: { readonly case: "image"; readonly value: ImageRecipe };
  readonly origins: readonly Origin[];
}

/** The watermark of an output that has an image as one; undefined for others. */
export interface MarkNeed {
  readonly need: SourceNeed | undefined;
  /** Set if it cannot be read. */
  readonly unreadable: PolyreelError | undefined;
}

/** The image of an output's watermark. */
export function markNeed({ operation }: Output, number: number): MarkNeed | undefined {
  const mark = operation.case === "image" ? operation.value.watermark?.mark : undefined;
  if (mark?.case !== "image") return undefined;
  const { location } = mark.value;
  const need = sourceNeed(mark.value, { block: "", choice: "" }, "media");
  const unreadable = need
    ? undefined
    : new PolyreelError("invalid", {
        field: fieldOf(number),
        reason: location.value ?? "The source is given neither by its SHA-256 nor by a URL.",
        remedy: "Check the path and that the file can be read, then submit again.",
      });
  return { need, unreadable };
}

const fieldOf = (output: number): string => `outputs[${output}].image.watermark.image`;

/** The images of an input, by the index of their output; pure. Throws PolyreelError `invalid` for a watermark that is no image. */
export class ImagePlanner {
  readonly #settings = new Map<number, Image>();

  constructor(
    private readonly outputs: readonly Output[],
    private readonly marks: readonly (MarkNeed | undefined)[],
    private readonly knowledge: Knowledge,
    private readonly encoders: Pick<Encoders, "text">,
  ) {}

  parts(input: InputUse, origin: Pick<Origin, "block" | "choice">): (ImagePart | undefined)[] {
    return this.outputs.map(({ operation }, number) =>
      operation.case === "image" ? this.#part(operation.value, number, input, origin) : undefined,
    );
  }

  #part(
    asked: Image,
    number: number,
    { sha256, sourceName }: InputUse,
    place: Pick<Origin, "block" | "choice">,
  ): ImagePart {
    const image = this.#settings.get(number) ?? this.#resolved(asked, number);
    this.#settings.set(number, image);
    const isText = image.watermark?.mark.case === "text";
    const value = create(ImageRecipeSchema, {
      sourceSha256: sha256,
      image,
      engine: isText ? `${IMAGE_ENGINE}/${this.encoders.text}` : IMAGE_ENGINE,
    });
    const { block, choice } = place;
    return {
      kind: "image",
      hash: recipeHash("image", ImageRecipeSchema, value),
      recipe: { case: "image", value },
      origins: [create(OriginSchema, { block, choice, sourceName })],
    };
  }

  /** With the watermark by its bytes alone, wherever it is from and whatever it is called. */
  #resolved(asked: Image, number: number): Image {
    const mark = this.marks[number];
    if (!mark) return asked;
    if (mark.unreadable) throw mark.unreadable;
    const image = clone(ImageSchema, asked);
    const { need } = mark;
    if (!need || !image.watermark) throw new PolyreelError("internal", "A watermark was planned without its source.");
    const sha256 = this.#mark(need, number);
    image.watermark.mark = {
      case: "image",
      value: create(SourceSchema, { location: { case: "sha256", value: sha256 } }),
    };
    return image;
  }

  /** Returns the hash of a watermark. */
  #mark(need: SourceNeed, number: number): string {
    try {
      return at({ block: "", choice: "" }, [need], () => {
        const { sha256, probe } = probed(this.knowledge, need);
        requireImage(probe, "Use a still image, or a text.");
        return sha256;
      });
    } catch (error) {
      throw error instanceof PolyreelError ? error.at({ field: fieldOf(number) }) : error;
    }
  }
}

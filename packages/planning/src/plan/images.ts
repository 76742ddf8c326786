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
} from "@polyreel/contract";
import { IMAGE_ENGINE } from "@polyreel/media/image";
import { recipeHash } from "@polyreel/parts";
import type { Encoders } from "./clips.js";
import { type Marks, markEngine } from "./marks.js";

/** An image made of an input. */
export interface ImagePart {
  readonly kind: "image";
  readonly hash: string;
  readonly recipe: { readonly case: "image"; readonly value: ImageRecipe };
  readonly origins: readonly Origin[];
}

/** The images of an input, by the index of their output; pure. */
export class ImagePlanner {
  readonly #settings = new Map<number, Image>();

  constructor(
    private readonly outputs: readonly Output[],
    private readonly marks: Marks,
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
    const value = create(ImageRecipeSchema, {
      sourceSha256: sha256,
      image,
      engine: image.watermark ? markEngine(image.watermark, this.encoders) : IMAGE_ENGINE,
    });
    const { block, choice } = place;
    return {
      kind: "image",
      hash: recipeHash("image", ImageRecipeSchema, value),
      recipe: { case: "image", value },
      origins: [create(OriginSchema, { block, choice, sourceName })],
    };
  }

  #resolved(asked: Image, number: number): Image {
    if (!asked.watermark) return asked;
    const image = clone(ImageSchema, asked);
    image.watermark = this.marks.resolved(asked.watermark, number);
    return image;
  }
}

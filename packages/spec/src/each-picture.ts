import { create } from "@bufbuild/protobuf";
import { type Output, OutputSchema, type Thumbnail, ThumbnailSchema } from "@polyreel/contract";
import { extensionOf, operationOf } from "./operations.js";

/** Limit of the schema, which has not been checked yet when outputs are normalised. */
const MAX_PICTURES = 64;

/** Number of pictures that a thumbnail's settings select. */
export const pictureCount = ({ count, times }: Pick<Thumbnail, "count" | "times">): number =>
  Math.max(1, count, times.length);

/**
 * A thumbnail with several pictures as one output for each, so that each has its own file, certificate and failure;
 * other outputs as they are. Pure and idempotent.
 */
export function eachPicture(output: Output): Output[] {
  const { operation, name, as } = output;
  if (operation.case !== "thumbnail" || operation.value.number > 0) return [output];
  const count = pictureCount(operation.value);
  if (count === 1 || count > MAX_PICTURES) return [output];
  return Array.from({ length: count }, (_, i) =>
    create(OutputSchema, {
      ...output,
      name: `${name}-${i + 1}`,
      as: numbered(as, extensionOf(operationOf(output).suffix), i + 1),
      operation: { case: "thumbnail", value: create(ThumbnailSchema, { ...operation.value, number: i + 1 }) },
    }),
  );
}

/** "spring/hero.jpg" as "spring/hero-2.jpg". Keys of another extension are left for the checks to refuse. */
const numbered = (as: string, extension: string, number: number): string =>
  as.endsWith(extension) ? `${as.slice(0, -extension.length)}-${number}${extension}` : as;

import { PolyreelError } from "@polyreel/platform/errors.js";

/** What file systems take for one name. */
const MAX_NAME_BYTES = 255;

/**
 * A name that stands for a file in its folder and nothing else, as it came. Names are made safe when a batch is planned;
 * here they are only not believed. Throws PolyreelError `invalid`.
 */
export function plainName(name: string): string {
  const plain =
    name !== "" &&
    !name.startsWith(".") &&
    !/[/\\\p{Cc}\p{Cs}]/u.test(name) &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES;
  if (plain) return name;
  throw new PolyreelError("invalid", {
    reason: `${JSON.stringify(name.slice(0, 80))} is not a plain file name.`,
    remedy: "Choose another naming for the batch.",
  });
}

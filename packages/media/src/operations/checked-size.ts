import { SpecError } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform/errors.js";
import * as size from "./picture-size.js";

/** The size of a picture in a width, in pixels. Throws PolyreelError `invalid` where it would be too high. */
export const sizeInWidth: typeof size.sizeInWidth = (width, picture) => checked(() => size.sizeInWidth(width, picture));

/** The size of each of so many pictures in a sheet, in pixels. Throws PolyreelError `invalid` where one is too large. */
export const sizeInSheet: typeof size.sizeInSheet = (sheet, picture) => checked(() => size.sizeInSheet(sheet, picture));

function checked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { field, reason, remedy } = error.mistakes[0];
    throw new PolyreelError("invalid", { field, reason, remedy }, { cause: error });
  }
}

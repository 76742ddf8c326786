import { PolyreelError } from "@polyreel/platform";
import { SpecError, sizeInSheet as sheetSize, sizeInWidth as widthSize } from "@polyreel/spec";

/** The size of a picture in a width, in pixels. Throws PolyreelError `invalid` where it would be too high. */
export const sizeInWidth: typeof widthSize = (width, picture) => checked(() => widthSize(width, picture));

/** The size of each of so many pictures in a sheet, in pixels. Throws PolyreelError `invalid` where one is too large. */
export const sizeInSheet: typeof sheetSize = (sheet, picture) => checked(() => sheetSize(sheet, picture));

function checked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { field, reason, remedy } = error.mistakes[0];
    throw new PolyreelError("invalid", { field, reason, remedy }, { cause: error });
  }
}

import { PolyreelError } from "@polyreel/platform";
import { SpecError, sizeInSheet as sheetSize, sizeInWidth as widthSize } from "@polyreel/spec";

/** Size in pixels of a picture scaled to a width. Throws PolyreelError `invalid` if it would be too high. */
export const sizeInWidth: typeof widthSize = (width, picture) => checked(() => widthSize(width, picture));

/** Size in pixels of each picture in a sheet. Throws PolyreelError `invalid` if it would be too large. */
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

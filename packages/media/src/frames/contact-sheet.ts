import { PolyreelError } from "@polyreel/platform";
import { acrossOf, GAP, type SheetLayout, sheetSize } from "@polyreel/spec";
import { BYTES_PER_PIXEL, type Picture } from "./picture.js";

/** Colour of gaps and empty cells: a dark grey, as red, green, blue and opacity. */
const GROUND = Buffer.from([24, 24, 27, 255]);

/**
 * Arranges pictures row by row into a contact sheet. Throws PolyreelError `internal` if there are none, or if they
 * differ in size.
 */
export function arrangeOnSheet(pictures: readonly Picture[], { columns, gap = GAP }: SheetLayout): Picture {
  const [first] = pictures;
  if (!first) throw new PolyreelError("internal", "A contact sheet has no pictures.");
  const { width, height } = first;
  if (pictures.some((picture) => picture.width !== width || picture.height !== height)) {
    throw new PolyreelError("internal", "The pictures of a contact sheet differ in size.");
  }
  const across = acrossOf(pictures.length, columns);
  const sheet = sheetSize(first, pictures.length, { columns, gap });
  const data = Buffer.alloc(sheet.width * sheet.height * BYTES_PER_PIXEL, GROUND);
  const rowBytes = width * BYTES_PER_PIXEL;
  pictures.forEach((picture, i) => {
    const left = gap + (i % across) * (width + gap);
    const top = gap + Math.floor(i / across) * (height + gap);
    for (let y = 0; y < height; y++) {
      const target = ((top + y) * sheet.width + left) * BYTES_PER_PIXEL;
      picture.data.copy(data, target, y * rowBytes, (y + 1) * rowBytes);
    }
  });
  return { ...sheet, data };
}

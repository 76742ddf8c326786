import { create } from "@bufbuild/protobuf";
import { type Format, type Output, type Picture, PictureSchema } from "@polyreel/contract";
import { secondsToFrames } from "@polyreel/media/clip/format.js";
import { CONTACT_SHEET, POSTER } from "./output-files.js";
import { secondsOf } from "./stretch.js";

/** The pictures wanted beside a video of so many frames. A time after its end is its last frame. */
export function picturesOf(output: Output | undefined, frames: number, format: Format): Picture[] {
  const pictures: Picture[] = [];
  if (output?.poster) {
    const frame = Math.min(frames - 1, secondsToFrames(secondsOf(output.poster), format));
    pictures.push(create(PictureSchema, { suffix: POSTER, frames: [frame], columns: 1 }));
  }
  if (output?.contactSheet) {
    const { columns, rows, width } = output.contactSheet;
    const count = columns * rows;
    // Each from the middle of its share, so that neither the first nor the last is black for a fade.
    const positions = Array.from({ length: count }, (_, i) =>
      Math.min(frames - 1, Math.floor(((i + 0.5) * frames) / count)),
    );
    pictures.push(create(PictureSchema, { suffix: CONTACT_SHEET, frames: positions, columns, frameWidth: width }));
  }
  return pictures;
}

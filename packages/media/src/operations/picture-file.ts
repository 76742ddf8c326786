import type { PictureFormat } from "@polyreel/contract";
import { arrangeOnSheet } from "../frames/contact-sheet.js";
import { encodePicture } from "../frames/encode-picture.js";
import type { Picture } from "../frames/picture.js";

/** A picture as a file, with its certificate. */
export interface MadePicture {
  readonly payload: Buffer;
  readonly width: number;
  readonly height: number;
  /** Number of frames in it. */
  readonly frames: number;
}

/** Encodes one picture, or several as a contact sheet. The same pictures always give the same bytes. */
export async function pictureFile(
  pictures: readonly Picture[],
  { columns, format }: { readonly columns: number; readonly format: PictureFormat },
): Promise<MadePicture> {
  const [only] = pictures;
  const picture = pictures.length === 1 && only ? only : arrangeOnSheet(pictures, { columns });
  const { width, height } = picture;
  return { payload: await encodePicture(picture, format), width, height, frames: pictures.length };
}

import type { PictureFormat } from "@polyreel/contract";
import { laidOut } from "../frames/contact-sheet.js";
import { encodePicture } from "../frames/encode-picture.js";
import type { Picture } from "../frames/picture.js";

/** A picture as a file, with what certifies it. */
export interface MadePicture {
  readonly payload: Buffer;
  readonly width: number;
  readonly height: number;
  /** How many frames it shows. */
  readonly frames: number;
}

/** One picture as it is, several as a contact sheet. The same pictures always give the same bytes. */
export async function pictureFile(
  pictures: readonly Picture[],
  { columns, format }: { readonly columns: number; readonly format: PictureFormat },
): Promise<MadePicture> {
  const [only] = pictures;
  const picture = pictures.length === 1 && only ? only : laidOut(pictures, { columns });
  const { width, height } = picture;
  return { payload: await encodePicture(picture, format), width, height, frames: pictures.length };
}

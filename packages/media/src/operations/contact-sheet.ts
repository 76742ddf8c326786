import { PolyreelError, sourceError } from "@polyreel/platform/errors.js";
import type { Size } from "../clip/geometry.js";
import { composeSheet, sheetSize } from "../frames/contact-sheet.js";
import { extractFrames } from "../frames/extract-frames.js";
import type { Picture } from "../frames/picture.js";
import type { ClipPart } from "../join/parts.js";
import { wholeWithin } from "./bounds.js";
import { framesApart, framesByClip } from "./frame-on-screen.js";
import type { MediaFile, OperationWork } from "./media-file.js";
import { sizeInWidth } from "./picture-size.js";
import { requirePicture, sourcePicturesApart } from "./source-pictures.js";
import type { MadePicture } from "./thumbnail.js";

export interface ContactSheetSettings {
  /** 1 to 20. */
  readonly columns: number;
  readonly rows: number;
  /** Of a frame, in pixels, 1 to 1024. */
  readonly width: number;
}

export const CONTACT_SHEET_DEFAULTS: ContactSheetSettings = { columns: 4, rows: 4, width: 160 };

const MAX_COUNT = 20;
const MAX_WIDTH = 1024;
/** Of a whole sheet: what is held in memory three times, as frames, as a sheet, and by the encoder. */
const MAX_PIXELS = 100e6;

/** What is not given is the default. Throws PolyreelError `invalid` with the field that is out of bounds. */
export function contactSheetSettings(given: Partial<ContactSheetSettings> = {}): ContactSheetSettings {
  const settings = { ...CONTACT_SHEET_DEFAULTS, ...given };
  wholeWithin("columns", settings.columns, [1, MAX_COUNT]);
  wholeWithin("rows", settings.rows, [1, MAX_COUNT]);
  wholeWithin("width", settings.width, [1, MAX_WIDTH]);
  return settings;
}

/** The contact sheet of joined clips; `pathOf` gives a clip's payload. Throws PolyreelError `invalid` where it would be too large. */
export async function clipContactSheet(
  clips: readonly ClipPart[],
  settings: ContactSheetSettings,
  { signal, pathOf }: Pick<OperationWork, "signal"> & { pathOf: (hash: string) => Promise<string> },
): Promise<MadePicture> {
  const [first] = clips;
  if (!first) throw new PolyreelError("internal", "A contact sheet has no clips.");
  frameSize(settings, first.index);
  const lengths = clips.map(({ index }) => index.sizes.length);
  const frames = framesApart(
    settings.columns * settings.rows,
    lengths.reduce((sum, length) => sum + length, 0),
  );
  const pictures: Picture[] = [];
  for (const { clip, frames: shown } of framesByClip(frames, lengths)) {
    const { hash, index } = clips[clip] as ClipPart;
    pictures.push(
      ...(await extractFrames({ index, path: await pathOf(hash) }, shown, { width: settings.width, signal })),
    );
  }
  return sheetOf(pictures, settings);
}

/** The contact sheet of a source. Throws as `sourcePictureAt`, for a still, and where it would be too large. */
export async function sourceContactSheet(
  source: MediaFile,
  settings: ContactSheetSettings,
  work: OperationWork,
): Promise<MadePicture> {
  const picture = requirePicture(source.probe);
  if (picture.still) throw stillPicture();
  const size = frameSize(settings, picture);
  const pictures = await sourcePicturesApart(source, settings.columns * settings.rows, size, work);
  return sheetOf(pictures, settings);
}

async function sheetOf(pictures: readonly Picture[], { columns }: ContactSheetSettings): Promise<MadePicture> {
  const payload = await composeSheet(pictures, { columns });
  const [first] = pictures as readonly [Picture];
  return { payload, format: "jpeg", ...sheetSize(first, pictures.length, { columns }), frames: pictures.length };
}

function frameSize({ columns, rows, width }: ContactSheetSettings, picture: Size): Size {
  const size = sizeInWidth(width, picture);
  const sheet = sheetSize(size, columns * rows, { columns });
  if (sheet.width * sheet.height <= MAX_PIXELS) return size;
  throw new PolyreelError("invalid", {
    field: "width",
    reason: `The contact sheet would have ${sheet.width}x${sheet.height} pixels, more than the ${MAX_PIXELS / 1e6} million allowed.`,
    remedy: "Make its frames less wide, or take fewer of them.",
  });
}

const stillPicture = (): PolyreelError =>
  sourceError({
    reason: "The file is a still picture: a contact sheet shows frames of a video.",
    remedy: "Make a thumbnail of it.",
  });

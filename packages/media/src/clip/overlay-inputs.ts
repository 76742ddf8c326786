import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import type { FfmpegInput } from "../ffmpeg/arguments.js";
import type { ClipFormat } from "./format.js";
import type { Size } from "./geometry.js";
import { evenDown, isTimed, type OverlayImage } from "./overlay.js";
import { drawFilm, type OverlayFilm, type PlacedOverlay } from "./overlay-film.js";
import { mergedGroup, type OverlayGroup, overlayGroups } from "./overlay-groups.js";
import type { Stretch } from "./whole-choice.js";

/** Each film costs time in every frame, so further groups are merged into one. */
const MAX_FILMS = 4;

/** Overlays as ffmpeg inputs: images that are visible throughout, and films of the others. */
export interface OverlayInputs {
  still: readonly OverlayImage[];
  films: readonly OverlayFilm[];
}

/**
 * Splits overlays into permanent ones and films of timed ones. A permanent overlay that touches a timed one is drawn
 * into its film, to keep the stacking order. Films are files in `folder`.
 */
export async function overlayInputs(
  overlays: readonly OverlayImage[],
  stretch: Stretch & { format: ClipFormat },
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<OverlayInputs> {
  if (!overlays.some(isTimed)) return { still: overlays, films: [] };
  const placed: PlacedOverlay[] = [];
  // One after the other: there may be thousands, more than files can be open.
  for (const image of overlays) {
    placed.push({ image, box: { x: evenDown(image.x), y: evenDown(image.y), ...(await pngSize(image.path)) } });
  }
  const groups = overlayGroups(placed.map(({ box }) => box));
  const changes = ({ members }: OverlayGroup) => members.some((member) => isTimed(overlays[member] as OverlayImage));
  const still = new Set(groups.filter((group) => !changes(group)).flatMap(({ members }) => members));
  const films: OverlayFilm[] = [];
  for (const [i, group] of atMost(MAX_FILMS, groups.filter(changes)).entries()) {
    const filmFolder = join(folder, `film-${i}`);
    await mkdir(filmFolder, { recursive: true });
    const film = await drawFilm(placed, group, stretch, { folder: filmFolder, signal });
    if (film) films.push(film);
  }
  return { still: overlays.filter((_, i) => still.has(i)), films };
}

const atMost = (limit: number, groups: OverlayGroup[]): OverlayGroup[] =>
  groups.length <= limit ? groups : [mergedGroup(groups)];

export const stillOverlayInput = ({ path }: OverlayImage): FfmpegInput => ({ file: path, options: ["-f", "png_pipe"] });

/** The first chunk contains width and height (PNG specification, 11.2.2). */
async function pngSize(path: string): Promise<Size> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(24), 0, 24, 0);
    if (bytesRead < 24 || buffer.toString("latin1", 12, 16) !== "IHDR") {
      throw new PolyreelError("internal", "An overlay is no PNG.");
    }
    return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
  } finally {
    await file.close();
  }
}

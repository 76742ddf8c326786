import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Storyboard } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import { acrossOf, sheetSize } from "@polyreel/spec";
import type { Size } from "../../clip/geometry.js";
import { sizeInWidth } from "../../operations/checked-size.js";
import type { Probe } from "../../probe/parse.js";
import { requireMovingPicture } from "../moving-picture.js";

/** A sheet of tiles, side by side without gaps. */
export interface StoryboardPlan {
  readonly tile: Size;
  readonly sheet: Size;
  /** Number of tiles side by side. */
  readonly columns: number;
  readonly count: number;
  /** Of the video. */
  readonly durationSeconds: number;
  /** From tile to tile. The last one may be for less. */
  readonly stepSeconds: number;
  readonly warnings: readonly string[];
}

/** Of a sheet, in pixels: what WebP can hold, and browsers decode. */
const MAX_SIDE = 16_383;
/** Of a sheet: browsers and we hold all of them, four bytes each. */
const MAX_PIXELS = 50e6;
const MAX_TILES = 1000;
/** By default a tile is for this share of the length, but not for less than a second. */
const TYPICAL_TILES = 100;
const MIN_TYPICAL_SECONDS = 1;
/** Less than this rest at the end gets no tile. */
const NO_REST_SECONDS = 0.001;

/** Chooses the tiles of a storyboard; pure. Throws PolyreelError `invalid`, with the setting as field. */
export function planStoryboard(storyboard: Storyboard, probe: Probe): StoryboardPlan {
  const picture = requireMovingPicture(probe);
  const { durationSeconds } = picture;
  const tile = sizeInWidth(Math.min(storyboard.width, picture.width), picture);
  const inOneRow = Math.min(storyboard.columns, fitting(MAX_SIDE, tile.width), fitting(MAX_PIXELS, pixels(tile)));
  const rows = Math.min(fitting(MAX_SIDE, tile.height), fitting(MAX_PIXELS, inOneRow * pixels(tile)));
  const most = Math.min(MAX_TILES, inOneRow * rows);
  const wanted = wantedTiles(storyboard, durationSeconds);
  if (storyboard.count > most) throw tooMany(storyboard.count, most, tile);
  const isStretched = wanted.count > most;
  const count = Math.min(wanted.count, most);
  const stepSeconds = isStretched ? durationSeconds / count : wanted.stepSeconds;
  const columns = acrossOf(count, inOneRow);
  return {
    ...{ tile, sheet: sheetSize(tile, count, { columns, gap: 0 }), columns, count, durationSeconds, stepSeconds },
    warnings: isStretched
      ? [
          `The interval is ${shown(stepSeconds)} s instead of ${shown(wanted.stepSeconds)} s: a sheet holds ${most} tiles of this size.`,
        ]
      : [],
  };
}

function wantedTiles({ count, interval }: Storyboard, seconds: number): { count: number; stepSeconds: number } {
  if (count > 0) return { count, stepSeconds: seconds / count };
  const stepSeconds = interval ? durationMs(interval) / 1000 : Math.max(MIN_TYPICAL_SECONDS, seconds / TYPICAL_TILES);
  return { count: Math.max(1, Math.ceil((seconds - NO_REST_SECONDS) / stepSeconds)), stepSeconds };
}

const fitting = (limit: number, each: number): number => Math.max(1, Math.floor(limit / each));
const pixels = ({ width, height }: Size): number => width * height;
const shown = (seconds: number): string => String(Math.round(seconds * 1000) / 1000);

const tooMany = (count: number, most: number, { width, height }: Size) =>
  sourceError({
    field: "count",
    reason: `${count} tiles of ${width}x${height} do not fit on one sheet.`,
    remedy: `Choose a count up to ${most}, or a smaller width.`,
  });

import type { ClipRecipe } from "@polyreel/contract";
import type { VideoProbe } from "../probe/parse.js";
import { movedParts } from "../probe/restarts.js";
import { type Background, backgroundChains } from "./background-filters.js";
import { changingLayers } from "./changing-filters.js";
import type { ClipFormat } from "./format.js";
import { middle, type Placement, place, type Size } from "./geometry.js";
import { evenDown } from "./overlay.js";
import { COLOUR, DECLARED, deinterlaced, SCALER, scaled } from "./picture-filters.js";
import type { Seek } from "./seek.js";
import { atCanvasRate, exactly, held, repeated, totalFrames } from "./timing-filters.js";
import { zoomed, zoomOf } from "./zoom-filters.js";

/** Position of an overlay's upper left corner, in pixels of the canvas. */
export interface Corner {
  x: number;
  y: number;
}

type RecipeFields = "fit" | "scale" | "background" | "frames" | "holdFrames" | "zoom" | "framesBefore" | "framesWhole";

export interface ClipGraph {
  recipe: Pick<ClipRecipe, RecipeFields> & { format: ClipFormat };
  picture: VideoProbe;
  seek: Seek;
  /** Where the source's timestamps restart: see restarts.ts. */
  restarts?: readonly number[] | undefined;
  /** The picture's shape changes midway. */
  changing?: boolean | undefined;
  /** A still behind the picture. */
  still?: VideoProbe | undefined;
  /** Overlays that are visible throughout, the lowest first. */
  overlays: readonly Corner[];
  /** Films of timed overlays above those, each with a frame for every change. */
  films?: readonly Corner[];
}

/** Position of a graph among others: its first input, the prefix of its labels, and its output label. */
export interface GraphPlace {
  firstInput: number;
  prefix: string;
  output: string;
}

const ALONE: GraphPlace = { firstInput: 0, prefix: "", output: "[clip]" };

/**
 * The filter graph over its inputs, in this order: the source, the still behind it, overlays, films. Yields exactly
 * `frames + holdFrames` frames of the canvas, or fewer if the source ends early (see `sourceFrames`).
 */
export function clipFilters(graph: ClipGraph, at: GraphPlace = ALONE): string {
  const { recipe, picture, overlays, films = [] } = graph;
  const { format } = recipe;
  const name = (what: string) => `[${at.prefix}${what}]`;
  const stillLabel = `[${at.firstInput + 1}:v]`;
  const firstOver = at.firstInput + (graph.still ? 2 : 1);
  const over = (input: number) => `[${input}:v]scale=${SCALER}:${COLOUR},format=yuva420p`;
  const on = ({ x, y }: Corner) => `overlay=x=${evenDown(x)}:y=${evenDown(y)}:format=yuv420`;

  const chains = layers(graph, { source: `[${at.firstInput}:V:0]`, stillLabel, name });
  overlays.forEach((corner, i) => {
    // Overlays are RGB; converting them here keeps their colours exact.
    chains.push(`${over(firstOver + i)}${name(`text${i}`)}`);
    chains.push(`${name(`laid${i}`)}${name(`text${i}`)}${on(corner)}${name(`laid${i + 1}`)}`);
  });
  const ending = isMoving(graph) ? [exactly(recipe)] : picture.still ? repeated(format, recipe) : held(recipe);
  const declared = `setsar=1,${DECLARED}${at.output}`;
  const last = name(`laid${overlays.length}`);
  if (films.length === 0) return [...chains, `${last}${ending.join(",")},${declared}`].join(";");
  // Films continue while the last frame is held, for instance captions of a longer voice.
  chains.push(`${last}${ending.join(",")}${name("timed0")}`);
  films.forEach((corner, i) => {
    chains.push(`${over(firstOver + overlays.length + i)}${name(`film${i}`)}`);
    chains.push(`${name(`timed${i}`)}${name(`film${i}`)}${on(corner)}${name(`timed${i + 1}`)}`);
  });
  return [...chains, `${name(`timed${films.length}`)}${declared}`].join(";");
}

interface Labels {
  source: string;
  stillLabel: string;
  name: (what: string) => string;
}

/** The source's pictures on the canvas, above the background where they leave parts uncovered: to [laid0]. */
function layers(graph: ClipGraph, { source, stillLabel, name }: Labels): string[] {
  const { recipe, picture } = graph;
  const { format, fit } = recipe;
  const box = middle(format, picture.still ? recipe.scale : 0);
  const placement = place(picture, box.scaled, fit === "blur" ? "contain" : fit);
  const zoom = isMoving(graph) ? zoomOf(placement, box.scaled) : undefined;
  const moved = zoom ? [...repeated(format, recipe), ...zoomed(zoom, recipe.zoom, recipe)] : [];
  if (graph.changing && !picture.still) {
    const first = `${source}${moving(graph).join(",")}${name("moving")}`;
    const background = { colour: recipe.background, still: graph.still && { picture: graph.still, label: stillLabel } };
    const placing = { picture, fit, canvas: format, background };
    return [first, ...changingLayers(placing, { source: name("moving"), to: name("laid0"), name })];
  }
  const start = picture.still ? ["null"] : moving(graph);
  const first = `${source}${[...start, ...scaled(zoom?.supply.placement ?? placement, picture)].join(",")}${name("picture")}`;
  const seen = zoom ? moved.join(",") : cropped(placement, box.scaled);
  if (!hasBars(box, placement, graph)) return [first, `${name("picture")}${seen}${name("laid0")}`];

  const background = backgroundChains(backgroundOf(graph, zoom?.supply.placement ?? placement, stillLabel), format, {
    from: name("corner"),
    to: name(zoom ? "ground" : "background"),
    name,
  });
  const x = box.x + Math.max(0, placement.x);
  const y = box.y + Math.max(0, placement.y);
  return [
    first,
    `${name("picture")}split${name("above")}${name("corner")}`,
    ...background,
    ...(seen === "null" ? [] : [`${name("above")}${seen}${name("seen")}`]),
    ...(zoom ? [`${name("ground")}${repeated(format, recipe).join(",")}${name("background")}`] : []),
    `${name("background")}${name(seen === "null" ? "above" : "seen")}overlay=x=${x}:y=${y}:format=yuv420${name("laid0")}`,
  ];
}

const moving = ({ recipe: { format, frames }, picture, seek, restarts }: ClipGraph): string[] => [
  ...(restarts ? [movedParts("setpts", restarts)] : []),
  ...deinterlaced(picture),
  ...atCanvasRate(format, frames, seek),
];

const isMoving = ({ recipe, picture }: ClipGraph): boolean =>
  recipe.zoom !== "" && picture.still && totalFrames(recipe) > 1;

const hasBars = (box: Placement, { scaled, x, y }: Placement, { recipe: { format }, picture }: ClipGraph): boolean =>
  picture.pixels?.alpha === true ||
  [box.x, box.y, x, y].some((margin) => margin > 0) ||
  scaled.width < format.width ||
  scaled.height < format.height;

/** Takes what lies outside of the box off a picture that covers it. */
function cropped({ scaled, x, y }: Placement, box: Size): string {
  const width = Math.min(scaled.width, box.width);
  const height = Math.min(scaled.height, box.height);
  if (width === scaled.width && height === scaled.height) return "null";
  return `crop=w=${width}:h=${height}:x=${Math.max(0, -x)}:y=${Math.max(0, -y)}`;
}

function backgroundOf({ recipe, picture, still }: ClipGraph, { scaled }: Placement, label: string): Background {
  const alpha = picture.pixels?.alpha === true;
  const background: Background = { colour: recipe.background };
  if (still) background.still = { picture: still, label };
  if (recipe.fit === "blur") background.blurred = { picture: scaled, alpha };
  return background;
}

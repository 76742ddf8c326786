import type { ClipRecipe } from "@polyreel/contract";
import type { VideoProbe } from "../probe/parse.js";
import { toVideoColour } from "./colour.js";
import { type Placement, place } from "./geometry.js";
import type { Seek } from "./seek.js";

/** A picture that lies over the clip: a PNG with transparency, and where its upper left corner lies on the canvas. */
export interface OverlayImage {
  path: string;
  x: number;
  y: number;
}

export interface ClipGraph {
  recipe: Pick<ClipRecipe, "fit" | "background" | "frames" | "holdFrames"> & {
    format: { width: number; height: number; rateNumerator: number; rateDenominator: number };
  };
  picture: VideoProbe;
  seek: Seek;
  overlays: readonly Pick<OverlayImage, "x" | "y">[];
}

/** So many frames may be missing at the end by rounding of the source's own timestamps; the last one fills in. */
export const TOLERATED_FRAMES = 2;

/**
 * Timestamps are moved by this before they are rounded to the canvas's frames. Containers that count in milliseconds are off
 * by half of one; where a picture begins just between two frames (24 on 30 frames a second, or a trim to a quarter of a
 * second) they would fall to either side by chance, and the clip would stutter.
 */
const NUDGE_SECONDS = 0.0015;

/** bitexact: the same pixels on every kind of processor. */
const SCALER = "flags=bicubic+accurate_rnd+full_chroma_inp+bitexact";
/** The one colour all clips are of: what a decoder needs to know of it stands in the part that all clips share. */
const COLOUR = "out_color_matrix=bt709:out_range=tv";
const DECLARED = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709:field_mode=prog";

/**
 * The filter graph from input 0 (the source) and inputs 1, 2, ... (overlays) to [clip]: exactly `frames + holdFrames` frames
 * of the canvas, or fewer where the source ends early (see `sourceFrames`).
 */
export function clipFilters(graph: ClipGraph): string {
  const { recipe, picture, overlays } = graph;
  const { format } = recipe;
  const placement = place(picture, format, recipe.fit);
  const steps = picture.still ? ["null"] : [...deinterlaced(picture), ...timing(graph)];
  const chains = [`[0:V:0]${[...steps, ...scaled(placement, picture)].join(",")}[picture]`];
  chains.push(...(needsBackground(placement, graph) ? onBackground(placement, graph) : [covering(placement, graph)]));
  overlays.forEach(({ x, y }, i) => {
    // An overlay is red, green and blue: turned into the canvas's colour here, or its colours would be off.
    chains.push(`[${i + 1}:v]scale=${SCALER}:${COLOUR},format=yuva420p[text${i}]`);
    chains.push(`[laid${i}][text${i}]overlay=x=${evenDown(x)}:y=${evenDown(y)}:format=yuv420[laid${i + 1}]`);
  });
  chains.push(`[laid${overlays.length}]${[...ending(graph), "setsar=1", DECLARED].join(",")}[clip]`);
  return chains.join(";");
}

/** How many frames the source itself gave, from how many came out of the encoder. */
export const sourceFrames = (
  encoded: number,
  { frames, holdFrames }: { frames: number; holdFrames: number },
): number => (encoded === frames + holdFrames ? frames : Math.max(0, encoded - holdFrames - TOLERATED_FRAMES));

/** Pictures of any timing to frames of the canvas's rate: frame n is the picture nearest to n frames after the start. */
function timing({ recipe: { format, frames }, seek }: ClipGraph): string[] {
  const origin = seek.fromFirstPicture ? "PTS-STARTPTS" : "PTS";
  return [
    `setpts=${origin}+${NUDGE_SECONDS}/TB`,
    `fps=fps=${rate(format)}:start_time=${seek.startSeconds}:round=near`,
    `trim=end_frame=${frames}`,
    "setpts=PTS-STARTPTS",
  ];
}

const deinterlaced = ({ pixels }: VideoProbe): string[] =>
  pixels?.interlaced ? ["bwdif=mode=send_frame:deint=all"] : [];

/**
 * HDR to the brightness and colours of ordinary screens; without it such pictures look grey. Scaled down first: it is done in
 * floating point and would take longer than all else. 203 cd/m2 is HDR's white (ITU-R BT.2408).
 */
const toneMapped = ({ scaled: { width, height } }: Placement, { pixels }: VideoProbe): string[] =>
  pixels?.hdr
    ? [
        `scale=w=${width}:h=${height}:${SCALER}`,
        "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709",
        "tonemap=tonemap=mobius:desat=0,zscale=transfer=bt709:matrix=bt709:range=tv,format=yuv420p10le",
      ]
    : [];

function scaled(placement: Placement, picture: VideoProbe): string[] {
  const { pixels } = picture;
  const { precut } = placement;
  const { width, height } = placement.scaled;
  const cut = precut ? [`crop=w=iw*${precut.width.toFixed(6)}:h=ih*${precut.height.toFixed(6)}`] : [];
  // What says nothing of its matrix is taken as television has it: by its size.
  const matrix = pixels?.matrixStated === false && !pixels.hdr ? `:in_color_matrix=${unstatedMatrix(picture)}` : "";
  const layout = pixels?.alpha ? "yuva420p" : "yuv420p";
  const ours = `scale=w=${width}:h=${height}:${SCALER}${matrix}:${COLOUR}`;
  return [...cut, ...toneMapped(placement, picture), ours, `format=${layout}`, "setsar=1"];
}

const unstatedMatrix = ({ width, height }: { width: number; height: number }): string =>
  Math.max(width, height) >= 1280 || Math.min(width, height) >= 720 ? "bt709" : "bt601";

const needsBackground = ({ scaled, x, y }: Placement, { recipe: { format }, picture }: ClipGraph): boolean =>
  picture.pixels?.alpha === true || x > 0 || y > 0 || scaled.width < format.width || scaled.height < format.height;

function covering({ scaled, x, y }: Placement, { recipe: { format } }: ClipGraph): string {
  const whole = scaled.width === format.width && scaled.height === format.height;
  const cut = `crop=w=${format.width}:h=${format.height}:x=${-x}:y=${-y}`;
  return `[picture]${whole ? "null" : cut}[laid0]`;
}

/**
 * The background is made of the picture's own frames (one corner of each, painted over and enlarged), so that there is never
 * a background without a picture: a `color` source would go on where the picture gives no frame at all.
 */
function onBackground({ x, y }: Placement, { recipe: { format, background } }: ClipGraph): string[] {
  const { luma, blue, red } = toVideoColour(background);
  const flat = [
    "crop=w=2:h=2:x=0:y=0",
    "format=yuv420p",
    `lutyuv=y=${luma}:u=${blue}:v=${red}`,
    `scale=w=${format.width}:h=${format.height}:flags=neighbor`,
    "setsar=1",
  ];
  return [
    "[picture]split[above][corner]",
    `[corner]${flat.join(",")}[background]`,
    `[background][above]overlay=x=${x}:y=${y}:format=yuv420[laid0]`,
  ];
}

/** A still is composed once and then repeated; of a video the last frame is held. */
function ending({ recipe: { format, frames, holdFrames }, picture }: ClipGraph): string[] {
  const total = frames + holdFrames;
  const last = `trim=end_frame=${total}`;
  if (!picture.still) return [`tpad=stop=${holdFrames + TOLERATED_FRAMES}:stop_mode=clone`, last];
  const again = total > 1 ? [`loop=loop=${total - 1}:size=1`] : [];
  return [
    "trim=end_frame=1",
    ...again,
    `settb=1/1000000`,
    `setpts=N/(${rate(format)}*TB)`,
    `fps=${rate(format)}`,
    last,
  ];
}

const rate = ({ rateNumerator, rateDenominator }: { rateNumerator: number; rateDenominator: number }): string =>
  `${rateNumerator}/${rateDenominator}`;

const evenDown = (length: number): number => 2 * Math.floor(length / 2);

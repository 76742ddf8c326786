import type { TransitionRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { flatColour } from "./background-filters.js";
import type { Size } from "./geometry.js";
import { DECLARED } from "./picture-filters.js";

/** Blend mask: 255 where only the upper picture is visible. Expressions of geq over X, Y and the frame N. */
interface Mask extends Size {
  value: string;
}

/**
 * Chains from [from] and [to], with the same number of frames, to [clip]. Of n frames, frame i (from 0) is (i + 1) / (n
 * + 1) of the way: the first and last frames differ from their neighbours outside the transition.
 */
export function transitionFilters(
  { kind, color }: Pick<TransitionRecipe, "kind" | "color">,
  canvas: Size,
  frames: number,
): string {
  const way = `(N+1)/${frames + 1}`;
  const chains = kind === "dip" ? dip(color, canvas, way) : blended(maskOf(kind, canvas, way), canvas);
  return [...chains, `[mixed]setsar=1,${DECLARED}[clip]`].join(";");
}

/** Blends the pictures of [to] over those of [from] through the mask. */
function blended(mask: Mask, canvas: Size): string[] {
  return ["[to]split[to_seen][to_mask]", ...masked("to", mask, canvas), `[from][to_over]${OVER}[mixed]`];
}

/** Fades to a colour and out of it. The colour is solid half-way. */
function dip(color: string, canvas: Size, way: string): string[] {
  const even = (opacity: string): Mask => ({ width: 2, height: 2, value: opacity });
  return [
    "[from]split=3[from_seen][from_mask][corner]",
    `[corner]${flatColour(color, canvas).join(",")}[colour]`,
    ...masked("from", even(`255*max(0\\,1-2*${way})`), canvas),
    "[to]split[to_seen][to_mask]",
    ...masked("to", even(`255*max(0\\,2*${way}-1)`), canvas),
    `[colour][from_over]${OVER}[left]`,
    `[left][to_over]${OVER}[mixed]`,
  ];
}

/** Ends with the shorter picture, so that a missing frame is noticed. */
const OVER = "overlay=shortest=1:format=yuv420";

/**
 * The mask is derived from the picture's own frames, to have one for each. It is computed as small as possible, because
 * an expression is evaluated per pixel, and enlarged to the canvas.
 */
const masked = (name: string, { width, height, value }: Mask, canvas: Size): string[] => [
  `[${name}_mask]crop=w=2:h=2:x=0:y=0,format=gray,scale=w=${width}:h=${height}:flags=neighbor,geq=lum='floor(${value}+0.5)',` +
    `scale=w=${canvas.width}:h=${canvas.height}:flags=neighbor[${name}_alpha]`,
  `[${name}_seen]format=yuva420p[${name}_opaque]`,
  `[${name}_opaque][${name}_alpha]alphamerge[${name}_over]`,
];

/**
 * Wipes are named for the direction their edge moves in. A pixel on the edge is blended by its covered share, so that
 * the edge moves evenly at any speed.
 */
function maskOf(kind: string, { width, height }: Size, way: string): Mask {
  const behind = (distance: string) => `255*clip(${distance}\\,0\\,1)`;
  switch (kind) {
    case "crossfade":
      return { width: 2, height: 2, value: `255*${way}` };
    case "wipe-left":
      return { width, height: 2, value: behind(`X+1-${width}*(1-${way})`) };
    case "wipe-right":
      return { width, height: 2, value: behind(`${width}*${way}-X`) };
    case "wipe-up":
      return { width: 2, height, value: behind(`Y+1-${height}*(1-${way})`) };
    case "wipe-down":
      return { width: 2, height, value: behind(`${height}*${way}-Y`) };
    default:
      throw new PolyreelError("internal", `There is no transition of the kind "${kind}".`);
  }
}

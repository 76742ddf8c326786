import type { VideoProbe } from "../probe/parse.js";
import { type Background, blurredUp, ground, small } from "./background-filters.js";
import type { Size } from "./geometry.js";
import { COLOUR, inputMatrix, SCALER } from "./picture-filters.js";

interface Ground {
  colour: string;
  still: Background["still"] | undefined;
}

/**
 * Pictures whose shape changes midway (a phone that is turned in a call, 4:3 to 16:9): each is placed by its own shape. Filters
 * that are set up once, as `crop` is, can't be used on them; `scale` and `overlay` work out their numbers for each picture.
 */
export function changingLayers(
  { picture, fit, canvas, background }: { picture: VideoProbe; fit: string; canvas: Size; background: Ground },
  { source, to, name }: { source: string; to: string; name: (what: string) => string },
): string[] {
  const [above, corner] = [name("above"), name("corner")];
  // As overlay takes it: a scaler that ffmpeg puts in between would give all pictures the first one's shape.
  const layout = "format=yuva420p,setsar=1";
  const placed = `${scaledByShape(canvas, fit === "cover", picture)},${layout}`;
  const own = [`${above}${placed}${name("placed")}`];
  const under = fit === "blur" ? name("under") : name("background");
  const size = fit === "blur" ? small(canvas) : canvas;
  own.push(...ground(background, size, { from: corner, to: under, name }));
  const split = [above, corner];
  if (fit === "blur") {
    split.push(name("copy"));
    own.push(
      `${name("copy")}${scaledByShape(size, true, picture)},${layout}${name("over")}`,
      `${under}${name("over")}${CENTRED},${blurredUp(size, canvas)}${name("background")}`,
    );
  }
  return [
    `${source}split=${split.length}${split.join("")}`,
    ...own,
    `${name("background")}${name("placed")}${CENTRED}${to}`,
  ];
}

/** On even pixels: colour has half the resolution. */
const CENTRED = "overlay=x='2*round((W-w)/4)':y='2*round((H-h)/4)':format=yuv420";

/** As geometry.ts has it, for the shape of each picture. */
function scaledByShape({ width, height }: Size, cover: boolean, picture: VideoProbe): string {
  const factor = `${cover ? "max" : "min"}(${width}/(iw*sar),${height}/ih)`;
  const side = (length: string, limit: number) => {
    const even = `2*round(${length}*${factor}/2)`;
    return cover ? `max(${limit},${even})` : `if(lt(${limit}-${even},4),${limit},max(2,${even}))`;
  };
  const sides = `w='${side("iw*sar", width)}':h='${side("ih", height)}'`;
  return `scale=${sides}:eval=frame:${SCALER}${inputMatrix(picture)}:${COLOUR}`;
}

import type { VideoProbe } from "../probe/parse.js";
import { type Background, backgroundLayer, blurredUp, small } from "./background-filters.js";
import type { Size } from "./geometry.js";
import { COLOUR, inputMatrix, SCALER } from "./picture-filters.js";

interface BackgroundLayer {
  colour: string;
  still: Background["still"] | undefined;
}

/**
 * For sources whose picture changes shape midway (a phone turned during a call, 4:3 to 16:9): each picture is placed by
 * its own shape. Filters that are configured once, such as `crop`, cannot be used; `scale` and `overlay` evaluate their
 * expressions per picture.
 */
export function changingLayers(
  { picture, fit, canvas, background }: { picture: VideoProbe; fit: string; canvas: Size; background: BackgroundLayer },
  { source, to, name }: { source: string; to: string; name: (what: string) => string },
): string[] {
  const [above, corner] = [name("above"), name("corner")];
  // The format that overlay uses: a scaler inserted by ffmpeg would give all pictures the first one's shape.
  const layout = "format=yuva420p,setsar=1";
  const placed = `${scaledByShape(canvas, fit === "cover", picture)},${layout}`;
  const own = [`${above}${placed}${name("placed")}`];
  const under = fit === "blur" ? name("under") : name("background");
  const size = fit === "blur" ? small(canvas) : canvas;
  own.push(...backgroundLayer(background, size, { from: corner, to: under, name }));
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

/** Even positions, because chroma has half the resolution. */
const CENTRED = "overlay=x='2*round((W-w)/4)':y='2*round((H-h)/4)':format=yuv420";

/** The same as in geometry.ts, per picture. */
function scaledByShape({ width, height }: Size, cover: boolean, picture: VideoProbe): string {
  const factor = `${cover ? "max" : "min"}(${width}/(iw*sar),${height}/ih)`;
  const side = (length: string, limit: number) => {
    const even = `2*round(${length}*${factor}/2)`;
    return cover ? `max(${limit},${even})` : `if(lt(${limit}-${even},4),${limit},max(2,${even}))`;
  };
  const sides = `w='${side("iw*sar", width)}':h='${side("ih", height)}'`;
  return `scale=${sides}:eval=frame:${SCALER}${inputMatrix(picture)}:${COLOUR}`;
}

import { describe, expect, it } from "vitest";
import type { VideoProbe } from "../probe/parse.js";
import { type ClipGraph, clipFilters } from "./filters.js";
import { formatOf } from "./format.js";
import { sourceFrames } from "./timing-filters.js";

const pixels = { alpha: false, interlaced: false, matrixStated: true, hdr: false };
const picture: VideoProbe = {
  codec: "h264",
  width: 640,
  height: 480,
  rotationDegrees: 0,
  frameRate: 30,
  startSeconds: 0,
  durationSeconds: 5,
  still: false,
  pixels,
};
const recipe = {
  fit: "cover",
  scale: 0,
  background: "",
  frames: 60,
  holdFrames: 0,
  zoom: "",
  framesBefore: 0,
  framesWhole: 0,
  format: formatOf({ width: 540, height: 960, frameRate: 29.97 }),
};
const start = { inputOptions: [], fromFirstPicture: true, startSeconds: 0 };
const graph = (change: Partial<ClipGraph> = {}): string[] =>
  clipFilters({ recipe, picture, seek: start, overlays: [], ...change }).split(";");

const SCALER = "flags=bicubic+accurate_rnd+full_chroma_inp+bitexact";
const COLOUR = "out_color_matrix=bt709:out_range=tv";
const DECLARED = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709:field_mode=prog";
const TIMED =
  "setpts=PTS-STARTPTS+0.0015/TB,fps=fps=30000/1001:start_time=0:round=near,trim=end_frame=60,setpts=PTS-STARTPTS";

describe("clipFilters", () => {
  it("sets timing, scales, crops and tags a covering video", () => {
    expect(graph()).toEqual([
      `[0:V:0]${TIMED},scale=w='1280+0*if(gt(abs(iw*sar/ih-1.333333),0.026667),print(iw*sar/ih,24))':eval=frame:h=960:${SCALER}:${COLOUR},format=yuv420p,setsar=1[picture]`,
      "[picture]crop=w=540:h=960:x=370:y=0[laid0]",
      `[laid0]tpad=stop=2:stop_mode=clone,trim=end_frame=60,setpts=N,setsar=1,${DECLARED}[clip]`,
    ]);
  });

  it("places a contained video on the background", () => {
    const chains = graph({ recipe: { ...recipe, fit: "contain", background: "#ff0000" } });
    expect(chains.slice(1, 4)).toEqual([
      "[picture]split[above][corner]",
      "[corner]crop=w=2:h=2:x=0:y=0,format=yuv420p,lutyuv=y=63:u=102:v=240,scale=w=540:h=960:flags=neighbor,setsar=1[background]",
      "[background][above]overlay=x=0:y=278:format=yuv420[laid0]",
    ]);
  });

  it("composes a still once and repeats it", () => {
    const chains = graph({ picture: { ...picture, still: true }, recipe: { ...recipe, holdFrames: 15 } });
    expect(chains[0]).toBe(`[0:V:0]null,scale=w=1280:h=960:${SCALER}:${COLOUR},format=yuv420p,setsar=1[picture]`);
    expect(chains.at(-1)).toBe(
      `[laid0]trim=end_frame=1,loop=loop=74:size=1,settb=1/1000000,setpts=N/(30000/1001*TB),fps=30000/1001,trim=end_frame=75,setsar=1,${DECLARED}[clip]`,
    );
  });

  it("holds the last frame", () => {
    const last = graph({ recipe: { ...recipe, holdFrames: 15 } }).at(-1);
    expect(last).toContain("tpad=stop=17:stop_mode=clone,trim=end_frame=75,");
  });

  it("stacks overlays in order, on even pixels", () => {
    const chains = graph({
      overlays: [
        { x: 11, y: 20 },
        { x: 0, y: -3 },
      ],
    });
    expect(chains.slice(2)).toEqual([
      `[1:v]scale=${SCALER}:${COLOUR},format=yuva420p[text0]`,
      "[laid0][text0]overlay=x=10:y=20:format=yuv420[laid1]",
      `[2:v]scale=${SCALER}:${COLOUR},format=yuva420p[text1]`,
      "[laid1][text1]overlay=x=0:y=-4:format=yuv420[laid2]",
      `[laid2]tpad=stop=2:stop_mode=clone,trim=end_frame=60,setpts=N,setsar=1,${DECLARED}[clip]`,
    ]);
  });

  it("counts time from the seek position", () => {
    const seek = { inputOptions: [], fromFirstPicture: false, startSeconds: 15 };
    expect(graph({ seek })[0]).toContain("setpts=PTS+0.0015/TB,fps=fps=30000/1001:start_time=15:round=near");
  });

  it.each([
    ["transparent", { alpha: true }, /format=yuva420p.*\[above\]crop=.*\[background\]\[seen\]overlay/],
    ["woven of two moments", { interlaced: true }, /^\[0:V:0\]bwdif=/],
    ["for HDR screens", { hdr: true }, /tonemap=/],
    ["small and of no stated matrix", { matrixStated: false }, /in_color_matrix=bt601/],
  ])("handles a picture %s", (_what, change, expected) => {
    expect(graph({ picture: { ...picture, pixels: { ...pixels, ...change } } }).join(";")).toMatch(expected);
  });

  it("assumes BT.709 for untagged large pictures", () => {
    const large = { ...picture, width: 1280, height: 720, pixels: { ...pixels, matrixStated: false } };
    expect(graph({ picture: large }).join(";")).toContain("in_color_matrix=bt709");
  });

  it("accepts only a colour as background", () => {
    const background = "#000000,movie=/etc/passwd";
    expect(() => graph({ recipe: { ...recipe, fit: "contain", background } })).toThrow(/is no colour/);
  });
});

describe("sourceFrames", () => {
  it.each([
    ["all", 75, 60],
    ["all but those that fill in and hold", 40, 23],
    ["none", 0, 0],
  ])("%s", (_what, encoded, given) => {
    expect(sourceFrames(encoded, { frames: 60, holdFrames: 15 })).toBe(given);
  });
});

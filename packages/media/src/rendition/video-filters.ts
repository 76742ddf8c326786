import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { Deinterlace, type Transcode, type Watermark } from "@polyreel/contract";
import { flatColour } from "../clip/background-filters.js";
import type { FrameRate } from "../clip/format.js";
import { COLOUR, DECLARED, deinterlaced, SCALER, scaled } from "../clip/picture-filters.js";
import type { VideoProbe } from "../probe/parse.js";
import { movedParts } from "../probe/restarts.js";
import { type PicturePlace, turnedSize } from "./picture-place.js";

interface VideoGraph {
  readonly settings: Transcode;
  readonly picture: VideoProbe;
  readonly place: PicturePlace;
  /** Time on the file's clock that becomes 0. */
  readonly zeroSeconds: number;
  /** Length of a trimmed stretch. */
  readonly maxSeconds?: number | undefined;
  /** Number of pictures at a constant rate, after which everything ends: across a gap in the timestamps there may be millions. */
  readonly maxFrames?: number | undefined;
  readonly restarts?: readonly number[] | undefined;
  /** The result's, instead of that of the settings. */
  readonly rate?: FrameRate | undefined;
  /** Number of the input that is the drawn watermark, a picture of the output's size. */
  readonly markInput?: number | undefined;
  /** Filters that hand the pictures to an encoder's device. */
  readonly uploading?: readonly string[];
}

/** Timestamps in milliseconds are off by up to half of one: a picture that begins at the cut must not be dropped. */
const ROUNDING_SECONDS = 0.001;

/** The filter graph from the input's picture to [v]: upright, square pixels, BT.709, 8 bits. */
export function videoFilters(graph: VideoGraph): string {
  const { settings, picture, place, zeroSeconds, maxSeconds, maxFrames, restarts } = graph;
  const { placement, output } = place;
  const rate = graph.rate ? `${graph.rate.numerator}/${graph.rate.denominator}` : rateOf(settings.fps);
  const turned = { ...picture, ...turnedSize(picture, settings) };
  const chain = [
    ...(restarts ? [movedParts("setpts", restarts)] : []),
    `setpts=PTS-${zeroSeconds.toFixed(6)}/TB`,
    ...(maxSeconds === undefined ? [] : [`trim=start=${-ROUNDING_SECONDS}:end=${maxSeconds.toFixed(6)}`]),
    ...deinterlacing(settings, picture),
    // Frame n is the picture on screen at its time, from 0 on.
    ...(rate ? [`fps=fps=${rate}:start_time=0:round=near`] : []),
    ...(maxFrames === undefined ? [] : [`trim=end_frame=${maxFrames}`]),
    ...cropping(settings, picture),
    ...(TURNS[settings.rotate] ?? []),
    ...scaled(placement, turned),
  ];
  const finished = ["format=yuv420p", "setsar=1", DECLARED, ...(graph.uploading ?? [])].join(",");
  const { markInput } = graph;
  const ending =
    markInput === undefined || !settings.watermark
      ? finished
      : `format=yuv420p[unmarked];${markOver(settings.watermark, markInput)},${finished}`;
  const cut = overhangCut(place);
  if (!picture.pixels?.alpha && covers(place)) return `[0:V:0]${[...chain, ...cut, ending].join(",")}[v]`;
  const at = `x=${Math.max(0, placement.x)}:y=${Math.max(0, placement.y)}`;
  return [
    `[0:V:0]${[...chain, ...cut].join(",")},split[corner][above]`,
    // Colours of the filters pad and drawbox are of BT.601.
    `[corner]${flatColour(settings.background || BLACK, output).join(",")}[ground]`,
    `[ground][above]overlay=${at}:format=yuv420,${ending}[v]`,
  ].join(";");
}

const BLACK = "#000000";

/** Half a millisecond: containers round the times of pictures to milliseconds. */
const MARK_ROUNDING_SECONDS = 0.0005;

/** From [unmarked] on: the mark is one picture, which stays. Its colours are converted as those of the video are. */
function markOver({ during }: Watermark, input: number): string {
  const seconds = (time: Duration) => (durationMs(time) / 1000 - MARK_ROUNDING_SECONDS).toFixed(4);
  const times = [
    ...(during?.start && durationMs(during.start) > 0 ? [`gte(t,${seconds(during.start)})`] : []),
    ...(during?.end ? [`lt(t,${seconds(during.end)})`] : []),
  ];
  const enabled = times.length > 0 ? `:enable='${times.join("*")}'` : "";
  // A second early: the first picture must not come before the mark.
  const mark = `[${input}:v]setpts=PTS-STARTPTS-1/TB,scale=${SCALER}:${COLOUR},format=yuva420p[mark]`;
  return `${mark};[unmarked][mark]overlay=format=yuv420:eof_action=repeat${enabled}`;
}

function deinterlacing({ deinterlace }: Transcode, picture: VideoProbe): string[] {
  if (deinterlace === Deinterlace.OFF) return [];
  return deinterlace === Deinterlace.ON ? ["bwdif=mode=send_frame:deint=all"] : deinterlaced(picture);
}

/** As shares of the decoded picture, whose pixels may not be square. */
function cropping({ crop }: Transcode, { width, height }: VideoProbe): string[] {
  if (!crop) return [];
  const share = (part: number, whole: number) => (part / whole).toFixed(9);
  const size = `w=iw*${share(crop.width, width)}:h=ih*${share(crop.height, height)}`;
  return [`crop=${size}:x=iw*${share(crop.x, width)}:y=ih*${share(crop.y, height)}`];
}

const TURNS: { readonly [degrees: number]: readonly string[] } = {
  90: ["transpose=clock"],
  180: ["hflip", "vflip"],
  270: ["transpose=cclock"],
};

/** Crops what exceeds the output. */
function overhangCut({ output, placement: { scaled: size, x, y } }: PicturePlace): string[] {
  const width = Math.min(output.width, size.width);
  const height = Math.min(output.height, size.height);
  if (width === size.width && height === size.height) return [];
  return [`crop=w=${width}:h=${height}:x=${Math.max(0, -x)}:y=${Math.max(0, -y)}`];
}

/** Whether the picture fills the output. */
const covers = ({ output, placement: { scaled: size } }: PicturePlace): boolean =>
  size.width >= output.width && size.height >= output.height;

/** 29.97 means 30000/1001. */
const isBroadcast = (fps: number): boolean =>
  Math.abs(fps - (Math.round(fps) * 1000) / 1001) < 0.005 && fps !== Math.round(fps);

/** Undefined: the input's. */
function rateOf(fps: number): string | undefined {
  if (fps === 0) return undefined;
  return isBroadcast(fps) ? `${Math.round(fps) * 1000}/1001` : String(fps);
}

/** Frames a second of an asked rate. */
export const exactRate = (fps: number): number => (isBroadcast(fps) ? (Math.round(fps) * 1000) / 1001 : fps);

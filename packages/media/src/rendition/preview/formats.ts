import { join } from "node:path";
import { PreviewFormat } from "@polyreel/contract";
import { DECLARED } from "../../clip/picture-filters.js";

/** One run of ffmpeg. Its graph ends in [out]. */
export interface EncoderRun {
  /** Of inputs after the pictures. */
  readonly inputs: readonly { readonly file: string }[];
  readonly filters: string;
  readonly options: readonly string[];
  readonly file: string;
}

export interface EncoderJob {
  /** An element of `qualities`. */
  readonly quality: number;
  /** The graph to all pictures, without an output: BT.709, limited range, which the pictures do not state. */
  readonly pictures: string;
  /** Number of inputs that it has. */
  readonly inputs: number;
  readonly folder: string;
  readonly file: string;
}

export interface PreviewEncoder {
  readonly name: "gif" | "webp" | "mp4";
  /** As ffprobe names it. */
  readonly codec: string;
  /** From the best to the last that is worth watching. */
  readonly qualities: readonly number[];
  runs(job: EncoderJob): readonly EncoderRun[];
}

/** GIF is RGB, and libwebp converts from RGB only correctly: the YUV of WebP is BT.601. */
const RGB = "scale=in_color_matrix=bt709:in_range=limited,format=bgra";

/** Never two threads: x264's output is not deterministic with those (docs/decisions/0013). */
const THREADS = ["-threads", "1"];

export const PREVIEW_FORMATS: { readonly [F in PreviewFormat]?: PreviewEncoder } = {
  [PreviewFormat.GIF]: {
    name: "gif",
    codec: "gif",
    // Colours. Fewer compress better, and are the only quality that a GIF has.
    qualities: [256, 128, 64, 32, 16],
    runs: ({ quality, pictures, inputs, folder, file }) => {
      // In two runs: a graph that splits to make a palette and to use it keeps all pictures in memory.
      const palette = join(folder, "palette.png");
      // diff: colours of what moves count more, since it is what is looked at.
      const made = `${pictures},${RGB},palettegen=max_colors=${quality}:stats_mode=diff[out]`;
      // The error diffusion that flickers least where nothing moves.
      const used = `${pictures},${RGB}[p];[p][${inputs}:v]paletteuse=dither=sierra2_4a:diff_mode=rectangle[out]`;
      return [
        {
          inputs: [],
          filters: made,
          options: ["-frames:v", "1", "-c:v", "png", "-update", "1", "-f", "image2"],
          file: palette,
        },
        { inputs: [{ file: palette }], filters: used, options: ["-c:v", "gif", "-loop", "0", "-f", "gif"], file },
      ];
    },
  },
  [PreviewFormat.WEBP]: {
    name: "webp",
    codec: "webp",
    // libwebp's own scale.
    qualities: [75, 60, 45, 30, 15],
    runs: ({ quality, pictures, file }) => {
      const options = ["-c:v", "libwebp_anim", "-q:v", String(quality), "-compression_level", "4", ...THREADS];
      return [
        { inputs: [], filters: `${pictures},${RGB}[out]`, options: [...options, "-loop", "0", "-f", "webp"], file },
      ];
    },
  },
  [PreviewFormat.MP4]: {
    name: "mp4",
    codec: "h264",
    // CRF.
    qualities: [25, 29, 33, 37, 41],
    runs: ({ quality, pictures, file }) => {
      const encoder = ["-c:v", "libx264", "-preset", "slow", "-profile:v", "high", "-crf", String(quality), ...THREADS];
      // The index in front, so that the file plays while it loads.
      const options = [...encoder, "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4"];
      return [{ inputs: [], filters: `${pictures},format=yuv420p,setsar=1,${DECLARED}[out]`, options, file }];
    },
  },
};

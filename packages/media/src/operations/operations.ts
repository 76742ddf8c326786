/**
 * What an output can be made by. The one place that knows the file suffixes and content types of these operations: whoever
 * names, serves or delivers a file asks here.
 */

/** What an operation is made from. */
export type Need =
  /** The clips of the combination, in order. */
  | "clips"
  /** Its soundtrack. */
  | "sound"
  /** Words with their times, from voice lines. */
  | "captions"
  /** The media file itself, with its probe. */
  | "source";

/**
 * How often the work is done (the price of an output):
 * - `join`: never; ready parts are put together, and nothing is decoded or encoded;
 * - `clip`: once for each clip, whichever combinations show it;
 * - `whole`: once for each combination, or for each input.
 */
export type Scope = "join" | "clip" | "whole";

export interface FileType {
  /** Follows the name of the combination. */
  readonly suffix: string;
  readonly contentType: string;
}

export interface Operation {
  /** Its file, by format. The first one is the default. */
  readonly formats: Readonly<Record<string, FileType>>;
  /** Of a combination of blocks. */
  readonly combination: { readonly scope: Scope; readonly needs: readonly Need[] };
  /** Of an input that is processed as it is; left out where there is no such operation. */
  readonly input?: { readonly scope: Scope; readonly needs: readonly Need[] };
}

const JPEG = "image/jpeg";

export const OPERATIONS = {
  /** The joined video. */
  mp4: {
    formats: { mp4: { suffix: ".mp4", contentType: "video/mp4" } },
    combination: { scope: "join", needs: ["clips", "sound"] },
  },
  /** One frame (thumbnail.ts). Combinations that show the same frame of a clip share it. */
  thumbnail: {
    formats: {
      jpeg: { suffix: ".jpg", contentType: JPEG },
      png: { suffix: ".png", contentType: "image/png" },
      webp: { suffix: ".webp", contentType: "image/webp" },
    },
    combination: { scope: "clip", needs: ["clips"] },
    input: { scope: "whole", needs: ["source"] },
  },
  /** Frames at equal distances, row by row (contact-sheet.ts). */
  contactSheet: {
    formats: { jpeg: { suffix: ".sheet.jpg", contentType: JPEG } },
    combination: { scope: "whole", needs: ["clips"] },
    input: { scope: "whole", needs: ["source"] },
  },
  /** The spoken words with their times (subtitles.ts). */
  subtitles: {
    formats: {
      srt: { suffix: ".srt", contentType: "application/x-subrip" },
      vtt: { suffix: ".vtt", contentType: "text/vtt" },
    },
    combination: { scope: "join", needs: ["captions"] },
  },
  /** The soundtrack as it is (audio.ts); of an input its sound, copied or encoded. */
  audio: {
    formats: { m4a: { suffix: ".m4a", contentType: "audio/mp4" } },
    combination: { scope: "join", needs: ["sound"] },
    input: { scope: "whole", needs: ["source"] },
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

/** The formats of an operation, such as "jpeg" of a thumbnail. */
export type FormatOf<Name extends OperationName> = keyof (typeof OPERATIONS)[Name]["formats"] & string;

/** Suffix and content type of an operation's file. */
export const fileTypeOf = <Name extends OperationName>(name: Name, format: FormatOf<Name>): FileType =>
  (OPERATIONS[name].formats as Readonly<Record<string, FileType>>)[format] as FileType;

import { type Output, PictureFormat } from "../gen/polyreel/v1/batch_pb.js";

export type OperationKind = NonNullable<Output["operation"]["case"]>;

/** What an operation gives, and what it is made of. */
export interface Operation {
  /** Name of an output that has none. */
  readonly outputName: string;
  /** Follows a combination's name in the name of its file; the last extension tells the content type. */
  readonly suffix: string;
  /** Which parts of a combination it is made of. */
  readonly needs: { readonly clips: boolean; readonly sound: boolean; readonly captions: boolean };
}

const PICTURES = { [PictureFormat.JPEG]: ".jpg", [PictureFormat.PNG]: ".png", [PictureFormat.WEBP]: ".webp" };
const FRAMES = { clips: true, sound: false, captions: false };

/** Every operation, described here alone: planner, renderer, uploader and gateway know file names and content types from it. */
const OPERATIONS: { readonly [K in OperationKind]: (output: Output) => Operation } = {
  mp4: () => ({ outputName: "video", suffix: ".mp4", needs: { clips: true, sound: true, captions: false } }),
  thumbnail: ({ operation }) => {
    const format = operation.case === "thumbnail" ? operation.value.format : PictureFormat.UNSPECIFIED;
    return { outputName: "poster", suffix: PICTURES[format || PictureFormat.JPEG], needs: FRAMES };
  },
  sheet: () => ({ outputName: "sheet", suffix: ".sheet.jpg", needs: FRAMES }),
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".mp4": "video/mp4",
  ".jpg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
};

/** An output's operation; without any, the joined MP4. */
export const operationOf = (output: Output): Operation => OPERATIONS[output.operation.case ?? "mp4"](output);

/** Content type of an output's file. */
export const contentTypeOf = (fileName: string): string =>
  CONTENT_TYPES[extensionOf(fileName)] ?? "application/octet-stream";

/**
 * What follows a combination's name in the name of each output's file. The first output of a kind has the operation's suffix;
 * the others have their own name in it, so that no two files of a combination share a name.
 */
export function fileSuffixes(outputs: readonly Output[]): string[] {
  const taken = new Set<string>();
  return outputs.map((output) => {
    const { suffix } = operationOf(output);
    const extension = extensionOf(suffix);
    let found = suffix;
    for (let n = 1; taken.has(found); n++) found = `.${output.name}${n > 1 ? `-${n}` : ""}${extension}`;
    taken.add(found);
    return found;
  });
}

const extensionOf = (name: string): string => name.slice(name.lastIndexOf("."));

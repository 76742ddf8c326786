import type { JsonValue } from "@bufbuild/protobuf";
import type { FailureCode } from "@polyreel/contract";
import type { ErrorCode } from "@polyreel/platform";
import type { TextPicture, TextScene } from "../render-texts.js";

/** Input of the sandboxed program: one line of JSON. */
export interface Job extends Pick<TextScene, "canvas" | "stretch"> {
  /** polyreel.v1.TextOverlay, each as JSON. */
  readonly texts: readonly JsonValue[];
  /** Paths of font files, by hash. */
  readonly fonts: Readonly<Record<string, string>>;
  /** Folder for the pictures. */
  readonly folder: string;
}

/** A picture in a file. */
export type DrawnText = Omit<TextPicture, "png"> & { readonly path: string };

/** Output of the program, a line of JSON each: pictures, or finally an error. */
export type FactMessage =
  | { readonly drawn: DrawnText }
  | {
      readonly failed: {
        readonly code: ErrorCode;
        readonly field: string;
        readonly reason: string;
        readonly remedy: string;
        /** Finer than `code`. */
        readonly failureCode: FailureCode;
      };
    };

import type { JsonValue } from "@bufbuild/protobuf";
import type { FailureCode } from "@polyreel/contract";
import type { ErrorCode } from "@polyreel/platform";
import type { TextPicture, TextScene } from "../render-texts.js";

/** What the program that draws apart reads: one line of JSON. */
export interface Job extends Pick<TextScene, "canvas" | "stretch"> {
  /** polyreel.v1.TextOverlay, each as JSON. */
  readonly texts: readonly JsonValue[];
  /** Where font files lie, by their hashes. */
  readonly fonts: Readonly<Record<string, string>>;
  /** Where pictures are written to. */
  readonly folder: string;
}

/** A picture that lies in a file. */
export type DrawnText = Omit<TextPicture, "png"> & { readonly path: string };

/** What it prints, a line of JSON each: pictures, or at last why there can't be any. */
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

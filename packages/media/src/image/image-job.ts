import type { ErrorCode } from "@polyreel/platform";
import type { ProgramMessage } from "@polyreel/platform/process";
import type { ImageFit, Size } from "./target-size.js";

// Messages between the service and the program that works on images: a line of JSON each. The program loads nothing but
// sharp, so settings are plain words.

export type ImageFormat = "jpeg" | "png" | "webp" | "avif";

/** As sharp names them. */
export type Direction =
  | "center"
  | "north"
  | "northeast"
  | "east"
  | "southeast"
  | "south"
  | "southwest"
  | "west"
  | "northwest";

export type Gravity = Direction | "attention" | "entropy";

/** Opacity is 0 to 1. */
export interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly alpha: number;
}

export interface ImageSettings {
  readonly format: ImageFormat;
  /** 0: not given. */
  readonly width: number;
  readonly height: number;
  readonly fit: ImageFit;
  readonly gravity: Gravity;
  readonly enlarge: boolean;
  readonly background?: Colour;
  readonly crop?: Size & { readonly x: number; readonly y: number };
  /** Degrees clockwise, 0 to 360 (exclusive). */
  readonly rotate: number;
  /** 0: the format's default. */
  readonly quality: number;
  /** 0: no limit. */
  readonly maxBytes: number;
  readonly lossless: boolean;
  readonly progressive: boolean;
  readonly keepMetadata: boolean;
  readonly keepProfile: boolean;
  readonly mark?: MarkSettings;
}

export interface MarkSettings {
  /** Transparent edges are cut off a drawn text. */
  readonly isText: boolean;
  readonly gravity: Direction;
  readonly offset: { readonly x: number; readonly y: number };
  /** Width relative to the result; 0: its own size. */
  readonly scale: number;
  readonly opacity: number;
  readonly tiled: boolean;
}

/** One image to make. */
export interface ImageJob {
  readonly input: string;
  readonly output: string;
  readonly settings: ImageSettings;
  /** Path of the watermark. */
  readonly markPath?: string;
  /** Limit for the pixels of inputs and results. */
  readonly maxPixels: number;
}

/** A watermark to draw alone: a transparent PNG of the size of the picture that it is laid over. */
export interface MarkJob {
  readonly output: string;
  readonly size: Size;
  readonly mark: MarkSettings;
  readonly markPath: string;
  readonly maxPixels: number;
}

/** A waveform to draw, as a PNG. */
export interface WaveformJob {
  readonly output: string;
  readonly size: Size;
  /** Of each channel, of which one is drawn below the other: minimum and maximum of each column, 1 is full scale. */
  readonly columns: readonly (readonly number[])[];
  readonly color: Colour;
  readonly background: Colour;
}

export type Job = ImageJob | MarkJob | WaveformJob;

/** The file that was made, as read back. */
export interface MadeImage extends Size {
  readonly format: ImageFormat;
  /** 0: lossless. */
  readonly quality: number;
  readonly sizeBytes: number;
  readonly hasMetadata: boolean;
  readonly hasProfile: boolean;
  readonly sourcePixels: number;
}

/** `mark`: the watermark is at fault, not the image. */
export interface ImageFailure {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly reason: string;
  readonly remedy: string;
  readonly isMark?: boolean;
  /** For the log. */
  readonly cause?: string;
}

export type ImageMessage = ProgramMessage<MadeImage, ImageFailure>;

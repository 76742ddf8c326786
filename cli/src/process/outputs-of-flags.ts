/** What the flags of `process` ask for. */
export interface ProcessFlags {
  /** Names of presets, built-in or own. */
  readonly presets: readonly string[];
  /** Path or URL of an image to lay over the transcodes. */
  readonly watermark?: string;
  /** true: the default time, quality. */
  readonly poster?: string | true;
  /** Number of frames, each a file. */
  readonly thumbnails?: number;
  readonly sheet?: true;
  readonly storyboard?: true;
  readonly compress?: string | true;
  readonly audio?: string | true;
  readonly metadata?: true;
  readonly preview?: string | true;
  readonly waveform?: string | true;
}

interface FileOutput {
  readonly name: string;
  readonly as: string;
  readonly [operation: string]: unknown;
}

/** Half a second in, because many recordings begin black. */
const POSTER_AT = "500ms";

/**
 * Outputs as a batch file has them, each in a file named after the input and the output, so that none replaces an input.
 * `extensionOf`: extension of a preset's file.
 */
export function outputsOfFlags(flags: ProcessFlags, extensionOf: (preset: string) => string): FileOutput[] {
  const file = (name: string, extension: string, operation: object): FileOutput => ({
    ...{ name, as: `{input}.${name}.${extension}` },
    ...operation,
  });
  const { presets, watermark, poster, thumbnails, sheet, storyboard } = flags;
  const { compress, audio, metadata, preview, waveform } = flags;
  const marked = watermark ? { watermark: { image: watermark } } : {};
  const format = audio === true ? "m4a" : audio;
  const moving = preview === true ? "gif" : preview;
  const peaks = waveform === true ? "png" : waveform;
  return [
    ...[...new Set(presets)].map((preset) => file(preset, extensionOf(preset), { transcode: { preset, ...marked } })),
    ...(poster ? [file("poster", "jpg", { thumbnail: { at: poster === true ? POSTER_AT : poster } })] : []),
    ...(thumbnails ? [file("thumbnail", "jpg", { thumbnail: { count: thumbnails, best: true } })] : []),
    ...(sheet ? [file("sheet", "jpg", { contactSheet: {} })] : []),
    ...(storyboard ? [file("storyboard", "jpg", { storyboard: {} })] : []),
    ...(compress ? [file("compressed", "mp4", { compress: compress === true ? {} : { quality: compress } })] : []),
    ...(format ? [file("audio", format, { audio: { format } })] : []),
    ...(moving ? [file("preview", moving, { preview: { format: moving } })] : []),
    ...(peaks ? [file("waveform", peaks, { waveform: { format: peaks } })] : []),
    ...(metadata ? [file("metadata", "json", { metadata: {} })] : []),
  ];
}

import { PolyreelError } from "@polyreel/platform";

/** Length in seconds of a speech engine's WAV file: one `fmt ` chunk, then one `data` chunk until the end. */
export function wavSeconds(file: Buffer): number {
  const data = file.indexOf("data", 12, "latin1");
  // Not the header's bytes per second, which are wrong in flite's files at 8 kHz.
  const bytesPerSecond =
    file.length < 44 ? 0 : (file.readUInt32LE(24) * file.readUInt16LE(22) * file.readUInt16LE(34)) / 8;
  if (file.toString("latin1", 0, 4) !== "RIFF" || data < 0 || bytesPerSecond === 0) {
    throw new PolyreelError("internal", "The speech engine wrote no WAV file.");
  }
  return (file.length - data - 8) / bytesPerSecond;
}

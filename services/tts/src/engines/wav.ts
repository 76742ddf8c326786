import { PolyreelError } from "@polyreel/platform";

/** Length in seconds of a WAV file as speech engines write it: one `fmt ` chunk, then one `data` chunk to the end. */
export function wavSeconds(file: Buffer): number {
  const data = file.indexOf("data", 12, "latin1");
  // Not the header's own bytes a second: flite gets them wrong where it speaks at 8 kHz.
  const bytesPerSecond =
    file.length < 44 ? 0 : (file.readUInt32LE(24) * file.readUInt16LE(22) * file.readUInt16LE(34)) / 8;
  if (file.toString("latin1", 0, 4) !== "RIFF" || data < 0 || bytesPerSecond === 0) {
    throw new PolyreelError("internal", "The speech engine wrote no WAV file.");
  }
  return (file.length - data - 8) / bytesPerSecond;
}

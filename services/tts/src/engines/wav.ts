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

/** A WAV file of samples of 16 bits, little endian. */
export function wavOf(samples: Uint8Array, rate: number, channels = 1): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

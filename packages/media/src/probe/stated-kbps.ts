import type { FfprobeStream } from "./ffprobe-json.js";

/** Bit rate that a file states for a stream, in kbit/s. Matroska has it as a statistics tag, if the writer added one. */
export function statedKbps({ bit_rate, tags }: FfprobeStream): number | undefined {
  const bits = Number(bit_rate ?? tags?.BPS);
  return bits > 0 ? bits / 1000 : undefined;
}

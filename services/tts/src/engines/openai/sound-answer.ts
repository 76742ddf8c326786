import { fieldsOf, type ProviderAnswer, parsed } from "../provider/provider-client.js";
import { uselessAnswer } from "../provider/provider-faults.js";

/** A size that a server leaves open, because it sends the sound while it speaks. */
const OPEN = 0xffff_ffff;
const MP3_FRAME = 0xff;

/**
 * The sound file of an answer: WAV as requested, or MP3, Ogg or FLAC of servers that have only that. Throws PolyreelError
 * `precondition` if it is no sound, or ends before its end.
 */
export function parseSound(provider: string, { type, bytes }: ProviderAnswer): Buffer {
  const magic = bytes.toString("latin1", 0, 4);
  if (magic === "RIFF") {
    const size = bytes.length < 44 ? 0 : bytes.readUInt32LE(4);
    if (size === 0 && bytes.length < 44) throw uselessAnswer(provider, "its sound is cut off");
    if (size < OPEN - 1024 && size + 8 > bytes.length) throw uselessAnswer(provider, "its sound is cut off");
    return bytes;
  }
  const isSound = magic === "OggS" || magic === "fLaC" || magic.startsWith("ID3") || bytes[0] === MP3_FRAME;
  if (isSound && !type.endsWith("json") && !type.startsWith("text/")) return bytes;
  const { error } = fieldsOf(parsed(bytes));
  throw uselessAnswer(provider, error ? "it is an error" : "it is no sound");
}

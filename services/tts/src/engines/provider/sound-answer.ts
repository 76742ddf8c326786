import { fieldsOf, type ProviderAnswer, parsed } from "./provider-client.js";
import { uselessAnswer } from "./provider-faults.js";

/** A size that a server leaves open, because it sends the sound while it speaks. */
const OPEN = 0xffff_ffff;
/** Sync word and layer of a frame: MP3, or AAC. Samples without a file around them often begin with the first byte, too. */
const isFrame = ([first = 0, second = 0]: Uint8Array): boolean =>
  first === 0xff && ((second & 0xe6) === 0xe2 || (second & 0xf6) === 0xf0);

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
  const isSound = magic === "OggS" || magic === "fLaC" || magic.startsWith("ID3") || isFrame(bytes);
  if (isSound && !type.endsWith("json") && !type.startsWith("text/")) return bytes;
  const { error } = fieldsOf(parsed(bytes));
  throw uselessAnswer(provider, error ? "it is an error" : "it is no sound");
}

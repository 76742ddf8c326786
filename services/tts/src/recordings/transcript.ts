import type { Recording, SpokenWord } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { TranscribeRequest, Transcriber } from "../engines/provider/transcriber.js";
import type { Keeping } from "../speak-line.js";

interface Transcribing extends Omit<TranscribeRequest, "pcmPath"> {
  /** That of the tenant; undefined: none. */
  readonly transcriber: Transcriber | undefined;
  readonly kept: Keeping;
}

/** The words of a decoded recording: asked for once, and kept, because each answer is different and may cost. */
export async function transcript(
  recording: Pick<Recording, "transcriber">,
  pcmPath: string,
  { transcriber, kept, ...io }: Transcribing,
): Promise<readonly SpokenWord[]> {
  const known = await kept.read();
  if (known) return known.words;
  if (transcriber?.build !== recording.transcriber) {
    throw new PolyreelError("precondition", {
      reason: "The service that finds the words of recordings was configured otherwise when the batch was planned.",
      remedy: "Retry the batch.",
    });
  }
  const words = await transcriber.transcribe({ pcmPath, ...io });
  await kept.keep({ audio: new Uint8Array(), words });
  return words;
}

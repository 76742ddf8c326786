import { type Batch, Overrun } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import type { VoiceNeed } from "../plan/needs.js";
import type { Knowledge } from "../plan/resolved-inputs.js";

/** Longer than any sound that a picture may be held for. */
const LONG_SAMPLES = 7 * 86_400 * SAMPLE_RATE;

/**
 * Knowledge with the lengths of unspoken lines that most combinations can be made with: none where a voice must fit the
 * picture, and a very long one where it extends the picture, because a longer picture suits all other sounds.
 */
export function favourable(
  { blocks }: Batch,
  knowledge: Knowledge,
  isUnspoken: (need: VoiceNeed) => boolean,
): Knowledge {
  const extending = new Set(
    blocks.flatMap(({ name, kind }) => (kind.case === "voice" && kind.value.overrun === Overrun.EXTEND ? [name] : [])),
  );
  return {
    source: (need) => knowledge.source(need),
    speech: (need) => {
      const speech = knowledge.speech(need);
      if (!speech || speech instanceof PolyreelError || !isUnspoken(need)) return speech;
      return { ...speech, samples: extending.has(need.origin.block) ? LONG_SAMPLES : 0 };
    },
  };
}

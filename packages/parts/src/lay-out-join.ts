import type { ClipIndex, Combination, SoundIndex, SubtitleTrack } from "@polyreel/contract";
import { type ClipPart, type Layout, layOut, type SoundPart, tagsOf } from "@polyreel/media/join";

/** Reads indexes by hash; throws if the part is missing. */
export interface IndexSource {
  clip(hash: string): Promise<ClipIndex>;
  sound(hash: string): Promise<SoundIndex>;
}

/** A joined output and its parts. */
interface Join {
  readonly clips: readonly ClipPart[];
  readonly sound: SoundPart | undefined;
  readonly layout: Layout;
}

/** Lays out the joined MP4 of a combination, reading clips in their order, then the soundtrack. */
export async function layOutJoin(
  combination: Combination,
  subtitles: readonly SubtitleTrack[],
  indexes: IndexSource,
): Promise<Join> {
  const clips: ClipPart[] = [];
  for (const { hash } of combination.clips) clips.push({ hash, index: await indexes.clip(hash) });
  const { soundHash: hash } = combination;
  const sound = hash ? { hash, index: await indexes.sound(hash) } : undefined;
  return { clips, sound, layout: layOut(clips, sound, tagsOf(combination), subtitles) };
}

import type { JoinedTracks, RenditionIndex, SoundIndex } from "@polyreel/contract";
import type { Tracks } from "@polyreel/media/rendition";

/** Reads indexes by hash; throws if the part is missing. */
export interface TrackIndexes {
  rendition(hash: string): Promise<RenditionIndex>;
  sound(hash: string): Promise<SoundIndex>;
}

/** The tracks of a planned file with their indexes: those of clips in their order, then the sound. */
export async function readTracks(
  { container, clipHashes, soundRenditionHash, soundHash }: JoinedTracks,
  indexes: TrackIndexes,
): Promise<Tracks> {
  const clips: { hash: string; index: RenditionIndex }[] = [];
  for (const hash of clipHashes) clips.push({ hash, index: await indexes.rendition(hash) });
  if (soundRenditionHash) {
    const sound = { kind: "rendition" as const, hash: soundRenditionHash };
    return { container, clips, sound: { ...sound, index: await indexes.rendition(soundRenditionHash) } };
  }
  const sound = soundHash
    ? { kind: "sound" as const, hash: soundHash, index: await indexes.sound(soundHash) }
    : undefined;
  return { container, clips, sound };
}

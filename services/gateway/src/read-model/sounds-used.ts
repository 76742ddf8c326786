import type { PartRequested } from "@polyreel/contract";
import { stretchOf } from "@polyreel/media/sound";
import { stretchHash } from "@polyreel/parts";
import { LRUCache } from "lru-cache";

/** Soundtracks of a batch share few stretches of few sources: hashing each once is enough. */
const hashes = new LRUCache<string, string>({ max: 10_000 });

/** The decoded sounds that the soundtrack of a request is mixed of, by their hashes, as the renderer finds them. */
export function decodedSoundsIn({ recipe }: PartRequested): string[] {
  if (recipe.case !== "sound") return [];
  const { events, encoder } = recipe.value;
  return events.flatMap((event) => {
    if (event.input.case !== "sourceSha256") return [];
    const stretch = stretchOf(event, event.input.value);
    const { sourceSha256, start, samples, fromFirstPicture, track } = stretch;
    const key = [sourceSha256, start, samples, fromFirstPicture, track, encoder].join(" ");
    const hash = hashes.get(key) ?? stretchHash(stretch, encoder);
    hashes.set(key, hash);
    return [hash];
  });
}

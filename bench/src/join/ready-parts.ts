import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { SoundRecipeSchema, SoundRole } from "@polyreel/contract";
import { encodeClip } from "@polyreel/media/clip";
import type { ClipPart, SoundPart } from "@polyreel/media/join";
import { decodePcm, mixSound, SoundEncoder } from "@polyreel/media/sound";
import { PartStore } from "@polyreel/parts";
import type { Store } from "@polyreel/platform/blobs";
import { openFolderStore } from "@polyreel/platform/blobs";
import { clipRecipe } from "../media/clips.js";
import { makeBed, makeFootage, makeVoice } from "../media/footage.js";
import type { Workshop } from "../workshop.js";

/** A combination with ready parts, and their sources. */
export interface ReadyCombination {
  readonly store: Store;
  readonly parts: PartStore;
  readonly clips: readonly ClipPart[];
  readonly sound: SoundPart;
  readonly footage: readonly string[];
  /** The voice, then the bed. */
  readonly sounds: readonly string[];
  readonly seconds: number;
}

const CLIPS = 3;
const SAMPLE_RATE = 48_000;

/** Makes the parts of a combination of three clips, a voice and a bed, like the renderer. */
export async function makeReadyCombination(folder: string, { scale, signal }: Workshop): Promise<ReadyCombination> {
  const { size, clipSeconds } = scale.join;
  const seconds = CLIPS * clipSeconds;
  const store = await openFolderStore(join(folder, "store"));
  const parts = new PartStore(store);
  const making = { signal, tempDir: folder };
  const footage: string[] = [];
  const clips: ClipPart[] = [];
  for (let variant = 0; variant < CLIPS; variant++) {
    const sourcePath = await makeFootage(folder, variant, { size, seconds: clipSeconds, signal });
    const { payloadPath, index } = await encodeClip(clipRecipe(size, clipSeconds), { sourcePath, ...making });
    const hash = String(variant).repeat(64);
    await parts.put("clip", hash, { path: payloadPath }, { kind: { case: "clip", value: index } });
    footage.push(sourcePath);
    clips.push({ hash, index });
  }
  const sounds = [await makeVoice(folder, seconds / 2, signal), await makeBed(folder, signal)];
  const pcm = await Promise.all(sounds.map((path) => decodePcm(path, { zeroAt: "audio", ...making })));
  const samples = BigInt(seconds * SAMPLE_RATE);
  const recipe = create(SoundRecipeSchema, {
    samples,
    events: [
      { role: SoundRole.VOICE, samples: pcm[0]?.index.samples ?? 0n },
      { role: SoundRole.BED, samples, gainDb: -12, duck: true, loop: true },
    ],
  });
  const encoder = new SoundEncoder({ processes: 1, tempDir: folder });
  const { payloadPath, index } = await mixSound(recipe, pcm, { ...making, encoder });
  const sound = { hash: "f".repeat(64), index };
  await parts.put("sound", sound.hash, { path: payloadPath }, { kind: { case: "sound", value: index } });
  return { store, parts, clips, sound, footage, sounds, seconds };
}

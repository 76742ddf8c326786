import { create } from "@bufbuild/protobuf";
import { type PcmRecipe, PcmRecipeSchema, type SoundEvent, SoundRole } from "@polyreel/contract";
import { soundEncoder } from "@polyreel/media/ffmpeg/build.js";
import { recipeHash } from "@polyreel/media/parts/recipe-hash.js";
import { decodePcm } from "@polyreel/media/sound/decode.js";
import type { PcmInput } from "@polyreel/media/sound/mix.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { sourceKey } from "@polyreel/platform/store/store.js";
import type { Renderer } from "./service.js";

const SAMPLE_RATE = 48_000;
/** Stretches begin and end at whole minutes, so that timelines of different lengths share what was decoded. */
const GRID = BigInt(60 * SAMPLE_RATE);

export type SoundStretch = Pick<PcmRecipe, "sourceSha256" | "start" | "samples" | "fromFirstPicture">;

/**
 * The stretch of a source to decode for an event: what it uses and at least one sample more (which tells a sound that goes on
 * from one that ends), out to whole minutes; never hours for seconds. What is looped is in it as a whole wherever it is short
 * enough to return.
 */
export function stretchOf(event: SoundEvent, sourceSha256: string): SoundStretch {
  const start = (event.inputStart / GRID) * GRID;
  const end = ((event.inputStart + event.samples) / GRID + 1n) * GRID;
  return { sourceSha256, start, samples: end - start, fromFirstPicture: event.role === SoundRole.CLIP };
}

/** Decodes a stretch of a source's sound, once; what was decoded stays in the store. */
export async function decodeStretch(
  stretch: SoundStretch,
  tenant: string,
  signal: AbortSignal,
  { tenants, maker, decoding }: Renderer,
): Promise<PcmInput> {
  const { store, parts } = tenants.of(tenant);
  const recipe = create(PcmRecipeSchema, { ...stretch, decoder: await soundEncoder() });
  const hash = recipeHash("pcm", PcmRecipeSchema, recipe);
  const key = { tenant, kind: "pcm", hash } as const;
  // Several batches may share the soundtrack that this is for; the slot is that of one of them, which may leave.
  const inSlot = { signal, outsideSlot: <T>(wait: () => Promise<T>) => wait() };
  await maker.ensure(
    parts,
    key,
    inSlot,
    () => {},
    async (making) => {
      const source = await store.localPath(sourceKey(stretch.sourceSha256));
      const { path, index } = await decoding(() =>
        decodePcm(source, {
          zeroAt: stretch.fromFirstPicture ? "video" : "audio",
          startSeconds: Number(stretch.start) / SAMPLE_RATE,
          maxSeconds: Number(stretch.samples) / SAMPLE_RATE,
          signal: making.signal,
          tempDir: making.tempDir,
        }),
      );
      return { payloadPath: path, index: { kind: { case: "pcm", value: index } } };
    },
  );
  const index = await parts.pcm("pcm", hash);
  if (!index) throw new PolyreelError("unavailable", "Decoded sound is missing from the store.");
  return { ...(await parts.file("pcm", hash)), index };
}

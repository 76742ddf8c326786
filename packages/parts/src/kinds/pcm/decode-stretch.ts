import { soundEncoder } from "@polyreel/media/ffmpeg";
import type { PcmInput, SoundStretch } from "@polyreel/media/sound";
import { decodePcm, SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { chargingProcess } from "@polyreel/platform/process";
import { withUnchanged } from "../../sources/open-source.js";
import type { Workshop } from "../workshop.js";
import { stretchHash } from "./stretch-hash.js";

/** Decodes a stretch of a source's sound once; the result stays in the store while it is used. */
export async function decodeStretch(
  stretch: SoundStretch,
  { tenant, parts, sources, signal, maker, decoding }: Workshop,
): Promise<PcmInput & AsyncDisposable> {
  const hash = stretchHash(stretch, await soundEncoder());
  const key = { tenant, kind: "pcm", hash, sources: [stretch.sourceSha256] } as const;
  // Several batches may share this soundtrack; the slot belongs to one of them, which may be cancelled.
  const inSlot = { signal, outsideSlot: <T>(wait: () => Promise<T>) => wait() };
  await maker.ensure(parts, key, inSlot, async (making) => {
    await using source = await sources.open(stretch.sourceSha256, making.signal);
    const probe = await sources.probe(stretch.sourceSha256, source, making.signal);
    const decode = () =>
      decodePcm(source.path, {
        probe,
        track: stretch.track + 1,
        zeroAt: stretch.fromFirstPicture ? "video" : "audio",
        startSeconds: Number(stretch.start) / SAMPLE_RATE,
        maxSeconds: Number(stretch.samples) / SAMPLE_RATE,
        signal: making.signal,
        tempDir: making.tempDir,
      });
    const { path, index } = await withUnchanged([source], () => decoding(() => chargingProcess(decode)));
    return { payloadPath: path, index: { kind: { case: "pcm", value: index } } };
  });
  const index = await parts.describe("pcm", hash);
  if (!index) throw new PolyreelError("unavailable", "Decoded sound is missing from the store.", { outage: false });
  return { ...(await parts.open("pcm", hash)), index };
}

import { create } from "@bufbuild/protobuf";
import {
  PictureFormat,
  PicturePlanSchema,
  type PosterQuestion,
  posterRequest,
  ThumbnailSchema,
} from "@polyreel/contract";
import { combinationPicture, type MadePicture, sourceThumbnail } from "@polyreel/media/operations";
import { PolyreelError, type Running } from "@polyreel/platform";
import { posterKey, readBytesIfAny } from "@polyreel/platform/blobs";
import { answerRequests } from "@polyreel/platform/stream";
import type { Renderer } from "./service.js";

const AT_ONCE = 2;
/** Callers do not wait much longer. */
const DEADLINE_MS = 25_000;
const WIDTH = 240;

/** Answers gateways' requests for a small picture of a clip or of an input, which is made once for a batch. */
export const answerPosterRequests = (renderer: Renderer): Running =>
  answerRequests(
    posterRequest,
    renderer.platform,
    { atOnce: AT_ONCE, deadline: { ms: DEADLINE_MS, error: tookTooLong } },
    async (question, signal) => {
      const { store } = renderer.tenants.of(question.tenant);
      const key = posterKey(question.batchId, question.shown.value ?? "");
      const kept = await readBytesIfAny(store, key, { signal });
      if (kept) return { picture: kept };
      const { payload } = await posterOf(question, renderer, signal);
      await store.put(key, payload, { ifAbsent: true });
      return { picture: payload };
    },
  );

async function posterOf(
  { tenant, shown }: PosterQuestion,
  renderer: Renderer,
  signal: AbortSignal,
): Promise<MadePicture> {
  const { parts, sources } = renderer.tenants.of(tenant);
  if (shown.case === "source") {
    await using source = await sources.open(shown.value, signal);
    const file = { path: source.path, probe: await sources.probe(shown.value, source, signal) };
    const thumbnail = create(ThumbnailSchema, { width: WIDTH, format: PictureFormat.JPEG });
    return await renderer.folder.use((tempDir) => sourceThumbnail(file, thumbnail, { signal, tempDir }));
  }
  const hash = shown.value ?? "";
  const index = await parts.describe("clip", hash);
  if (!index) throw notMade();
  const plan = create(PicturePlanSchema, {
    frames: [Math.floor(index.sizes.length / 2)],
    columns: 1,
    frameWidth: Math.min(WIDTH, index.width),
    format: PictureFormat.JPEG,
  });
  return await combinationPicture([{ hash, index }], plan, renderer.frames.of(parts, signal));
}

const notMade = (): PolyreelError =>
  new PolyreelError("not_found", { reason: "The clip is not made yet.", remedy: "Ask again once it is." });

const tookTooLong = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: "Making the picture took too long.",
    remedy: "Ask again when the machine is less busy.",
  });

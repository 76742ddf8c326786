import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { PosterQuestionSchema, posterRequest } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { type EventStream, factAt, sendRequest } from "@polyreel/platform/stream";
import { LRUCache } from "lru-cache";
import { knownCombination } from "../batches/known-combination.js";
import type { Scope } from "../call/call.js";
import type { ReadModel } from "../read-model/read-model.js";
import { answerBytes } from "../web/answer-bytes.js";
import { sendFile } from "../web/send-file.js";
import { callOf, type WebApp } from "../web/web-app.js";

const CACHE_BYTES = 16 << 20;
const TIMEOUT_MS = 30_000;
/** A combination that is worked again may get another clip; its poster may be the former one for this long. */
const MAX_AGE_SECONDS = 60;

interface Deps {
  readonly model: ReadModel;
  readonly stream: EventStream;
  readonly log: Log;
}

interface Poster {
  readonly picture: Buffer;
  readonly madeAt: Date;
}

/**
 * GET /batches/<id>/posters/<combination id>: a small picture of a combination, from its first clip or its input, as soon
 * as that exists; also of virtual ones. Combinations with the same first clip share it.
 */
export const posterRoutes =
  ({ model, stream, log }: Deps) =>
  (app: WebApp): void => {
    const known = new LRUCache<string, Poster>({
      maxSize: CACHE_BYTES,
      sizeCalculation: ({ picture }) => picture.length + 1,
    });
    const posterOf = async (question: Question, signal: AbortSignal): Promise<Poster> => {
      const key = `${question.tenant}/${question.batchId}/${question.shown.value}`;
      const cached = known.get(key);
      if (cached) return cached;
      stream.broker.assertThere();
      const request = create(PosterQuestionSchema, question);
      const { picture } = await sendRequest(stream, posterRequest, request, { timeoutMs: TIMEOUT_MS, signal });
      const poster = { picture: Buffer.from(picture), madeAt: new Date() };
      known.set(key, poster);
      return poster;
    };
    app.get<{ Params: { batchId: string; combinationId: string } }>(
      "/batches/:batchId/posters/:combinationId",
      async (request, reply) => {
        const { scope, signal } = callOf(request, reply);
        const { batchId, combinationId } = request.params;
        const question = await shownBy({ model, stream }, batchId, combinationId, scope);
        const { picture, madeAt } = await posterOf(question, signal);
        const answer = await answerBytes(request.raw, {
          fileName: `${combinationId}.jpg`,
          contentType: "image/jpeg",
          disposition: "inline",
          sizeBytes: picture.length,
          lastModified: madeAt,
          etag: `"${question.shown.value}"`,
          async *read(start, end) {
            if (start < end) yield picture.subarray(start, end);
          },
        });
        const headers = { ...answer.headers, "Cache-Control": `private, max-age=${MAX_AGE_SECONDS}` };
        await sendFile(reply, { ...answer, headers }, signal, log);
      },
    );
  };

type Question = MessageInitShape<typeof PosterQuestionSchema> & {
  readonly tenant: string;
  readonly batchId: string;
  readonly shown: { readonly case: "clip" | "source"; readonly value: string };
};

/** What a combination is shown by. Throws PolyreelError `not_found` if it was never planned, or shows nothing. */
async function shownBy(
  { model, stream }: Pick<Deps, "model" | "stream">,
  batchId: string,
  combinationId: string,
  scope: Scope,
): Promise<Question> {
  const { plannedSequence } = await knownCombination(model, batchId, combinationId, scope);
  const message = plannedSequence > 0 ? await factAt(stream, plannedSequence) : undefined;
  if (message?.name === "combination.planned") {
    const { tenant, combination } = message.fact;
    const [clip] = combination?.clips ?? [];
    if (clip) return { tenant, batchId, shown: { case: "clip", value: clip.hash } };
    if (combination?.input) return { tenant, batchId, shown: { case: "source", value: combination.input.sha256 } };
  }
  throw new PolyreelError("not_found", {
    field: "combination_id",
    reason: "The combination has nothing to show.",
    remedy: "GetCombination tells why it failed.",
  });
}

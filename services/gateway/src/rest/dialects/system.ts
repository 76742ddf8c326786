import type { JobKind } from "../jobs/job-name.js";
import { namePrefix } from "../jobs/job-name.js";
import type { RestParts } from "../rest-layer.js";
import type { Routes } from "../routes.js";
import { getHealth, getStats } from "../schemas/system-schemas.js";

const PING_MS = 5000;

/** Health and counts. */
export function systemRoutes({ at }: Routes, { deps }: RestParts): void {
  at("get", "/health", { schema: getHealth }, async ({ reply, signal }) => {
    const { broker, model, store } = deps;
    const storage = await store.ping({ signal: AbortSignal.any([signal, AbortSignal.timeout(PING_MS)]) }).then(
      () => true,
      () => false,
    );
    const services = {
      database: state((model.presence?.there ?? true) && model.ready),
      stream: state(broker.there),
      storage: state(storage),
    };
    const healthy = Object.values(services).every((one) => one === "ok");
    const status = healthy ? "healthy" : "unhealthy";
    return reply.code(healthy ? 200 : 503).send({ status, timestamp: new Date().toISOString(), services });
  });

  at("get", "/stats", { schema: getStats }, async ({ scope }) => {
    await deps.model.reached(0);
    const tally = (kind: JobKind) =>
      deps.model.namedTally({ scope, prefix: namePrefix(kind), dayBegan: midnight(new Date()) });
    const [videos, media] = await Promise.all([tally("video"), tally("media")]);
    const live = ({ all }: typeof videos) => all.pending + all.processing;
    return {
      totalVideos: Object.values(videos.all).reduce((sum, count) => sum + count, 0),
      processingVideos: videos.all.processing,
      completedToday: videos.today.completed,
      failedToday: videos.today.failed,
      averageProcessingTime: videos.averageSeconds ?? null,
      queueLength: live(videos) + live(media),
    };
  });
}

const state = (there: boolean): "ok" | "unavailable" => (there ? "ok" : "unavailable");

/** In UTC: the callers' time zones are unknown. */
const midnight = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));

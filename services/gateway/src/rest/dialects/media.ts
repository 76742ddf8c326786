import { sourceKey } from "@polyreel/platform/blobs";
import { metadataJobId, namePrefix } from "../jobs/job-name.js";
import { jobProgress } from "../jobs/job-progress.js";
import { formatOfResult, METADATA } from "../jobs/operations.js";
import { receiveUpload } from "../media/store-upload.js";
import { uploadedFile } from "../media/uploaded-file.js";
import type { RestParts } from "../rest-layer.js";
import { BASE, paramsOf, type RestRequest, type Routes } from "../routes.js";
import { unchecked } from "../schemas/common.js";
import { getArtifacts, postMedia, postUpload } from "../schemas/media-schemas.js";

const MAX_JOBS = 100;

/** Uploads of the dialects "media and jobs" and "files and one operation", and what jobs made of them. */
export function mediaRoutes({ both }: Routes, { deps, config, jobs }: RestParts): void {
  const upload = (call: RestRequest) =>
    receiveUpload(call.request.raw, deps, config, { ...call, kinds: ["video", "image"] });

  both("post", "/media", { schema: postMedia, ...unchecked }, async (call) => {
    const { file } = await upload(call);
    return call.reply.code(201).send({ media_id: file.sha256, object_key: sourceKey(file.sha256) });
  });

  both("post", "/upload", { schema: postUpload, ...unchecked }, async (call) => {
    const { file } = await upload(call);
    return call.reply.code(201).send({ file_id: file.sha256 });
  });

  both("get", "/media/:media_id/artifacts", { schema: getArtifacts }, async (call) => {
    const { media_id } = paramsOf<{ media_id: string }>(call);
    await uploadedFile(deps, media_id, call);
    await deps.model.reached(0);
    const named = (kind: "media" | "video") =>
      deps.model.namedBatches({ scope: call.scope, prefix: namePrefix(kind, media_id), offset: 0, limit: MAX_JOBS });
    const batches = [...(await named("media")), ...(await named("video"))];
    const found = (await Promise.all(batches.map((batch) => jobs.of(batch)))).filter(
      (job) => job !== undefined && job.mediaId === media_id,
    );
    const artifacts = await Promise.all(
      found.map(async (job) => {
        if (!job) return [];
        const { results } = await jobProgress(deps, job, call);
        return results.map(({ operation, standing, path, urlPath, sizeBytes }) => {
          const url = operation === METADATA ? `${BASE}/jobs/${metadataJobId(media_id)}/download` : urlPath;
          return {
            ...{ job_id: job.id, operation, status: standing, format: formatOfResult(operation, path) },
            ...{ size: sizeBytes ?? null, object_key: path || null, url: url ? deps.linkTo(url, call) : null },
          };
        });
      }),
    );
    return { media_id, artifacts: artifacts.flat() };
  });
}

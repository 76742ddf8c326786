import { type Duration, durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type CreateLinkRequest, type LinkService, outputUrlPath } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { DEFAULT_TENANT } from "@polyreel/spec";
import { deliveriesOfOutputs } from "../batches/deliveries-of-outputs.js";
import { knownBatch } from "../batches/known-batch.js";
import { type Call, tenantFor } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import type { Outputs } from "../outputs/outputs.js";
import type { ReadModel } from "../read-model/read-model.js";
import { outputsPath, sourceContentPath, uploadPath } from "./link-paths.js";
import type { SignedLinks } from "./signed-links.js";

interface Deps {
  readonly model: ReadModel;
  readonly outputs: Outputs;
  readonly store: Store;
  readonly links: SignedLinks;
}

/** polyreel.v1.LinkService: links to what the caller itself reaches. */
export function linkService(deps: Deps): CallHandlers<typeof LinkService> {
  const { links } = deps;
  return {
    createLink: async ({ target, lifetime }, call) => {
      const { method, path, tenant } = await targetOf(target, deps, call);
      const lifetimeMs = lifetimeMsOf(lifetime);
      const url = links.url(method, path, { tenant, lifetimeMs });
      return { method, url, expiresAt: timestampFromMs(links.expiry(lifetimeMs)) };
    },
  };
}

/** Undefined for the configured one. */
export const lifetimeMsOf = (lifetime: Duration | undefined): number | undefined => lifetime && durationMs(lifetime);

async function targetOf(
  target: CreateLinkRequest["target"],
  { model, outputs, store }: Deps,
  { scope, signal }: Call,
): Promise<{ readonly method: "GET" | "PUT"; readonly path: string; readonly tenant: string }> {
  switch (target.case) {
    case "output": {
      const { batchId, combinationId, output } = target.value;
      const { status } = await knownBatch(model, batchId, scope);
      const { fileName } = await outputs.find(batchId, combinationId, scope, { output });
      return {
        method: "GET",
        path: outputUrlPath(batchId, combinationId, fileName),
        tenant: status.tenant || DEFAULT_TENANT,
      };
    }
    case "outputs": {
      const { status, outputs: planned } = await knownBatch(model, target.value.batchId, scope);
      deliveriesOfOutputs(planned, target.value.outputs, "outputs");
      return { method: "GET", path: outputsPath(target.value), tenant: status.tenant || DEFAULT_TENANT };
    }
    case "source": {
      const tenant = tenantFor(scope, target.value.tenant, "source.tenant");
      const { sha256 } = target.value;
      if (await scopedStore(store, tenant).head(sourceKey(sha256), { signal })) {
        return { method: "GET", path: sourceContentPath(sha256), tenant };
      }
      throw new PolyreelError("not_found", {
        field: "source.sha256",
        reason: "The store has no source with these bytes.",
        remedy: "Upload it first.",
      });
    }
    case "upload": {
      const tenant = tenantFor(scope, target.value.tenant, "upload.tenant");
      return { method: "PUT", path: uploadPath(target.value.name), tenant };
    }
    default:
      throw new PolyreelError("invalid", {
        field: "target",
        reason: "The request names nothing to link to.",
        remedy: "Give output, outputs, source or upload.",
      });
  }
}

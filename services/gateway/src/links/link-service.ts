import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type CreateLinkRequest, type LinkService, outputUrlPath } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type Store, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { DEFAULT_TENANT } from "@polyreel/spec";
import { deliveriesOfOutputs } from "../batches/deliveries-of-outputs.js";
import { knownBatch } from "../batches/known-batch.js";
import { knownCombination } from "../batches/known-combination.js";
import { type Call, tenantFor } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import type { Outputs } from "../outputs/outputs.js";
import type { ReadModel } from "../read-model/read-model.js";
import { directSourceLink } from "../sources/direct-source-link.js";
import { type DirectLinkDeps, linkDirectly } from "./direct-links.js";
import { lifetimeMsOf } from "./link-lifetime.js";
import { outputsPath, sourceContentPath, uploadPath } from "./link-paths.js";
import type { LinkOptions } from "./signed-links.js";

interface Deps extends DirectLinkDeps {
  readonly model: ReadModel;
  readonly outputs: Outputs;
  readonly store: Store;
}

/** polyreel.v1.LinkService: links to what the caller itself reaches. */
export function linkService(deps: Deps): CallHandlers<typeof LinkService> {
  const { links } = deps;
  return {
    createLink: async ({ target, lifetime }, call) => {
      const { method, path, tenant, direct } = await targetOf(target, deps, call);
      const options = { tenant, lifetimeMs: lifetimeMsOf(lifetime) };
      const expiresAtMs = links.expiry(options.lifetimeMs);
      const url = (await direct?.(options, expiresAtMs)) || links.url(method, path, options);
      return { method, url, expiresAt: timestampFromMs(expiresAtMs) };
    },
  };
}

/** What a link leads to. */
interface Target {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly tenant: string;
  /** Makes a link to the file's home; empty or undefined if that has none. */
  readonly direct?: (options: LinkOptions, expiresAtMs: number) => Promise<string | undefined>;
}

async function targetOf(target: CreateLinkRequest["target"], deps: Deps, { scope, signal }: Call): Promise<Target> {
  const { model, outputs, store } = deps;
  switch (target.case) {
    case "output": {
      const { batchId, combinationId, output } = target.value;
      const { status } = await knownBatch(model, batchId, scope);
      const { fileName } = await outputs.find(batchId, combinationId, scope, { output });
      const path = outputUrlPath(batchId, combinationId, fileName);
      return {
        ...{ method: "GET", path },
        tenant: status.tenant || DEFAULT_TENANT,
        direct: async (options) => {
          const { status: combination } = await knownCombination(model, batchId, combinationId, scope);
          const delivered = combination.outputs.filter(({ urlPath }) => urlPath === path);
          await linkDirectly(deps, delivered, options, signal);
          return delivered.find(({ link }) => link !== "")?.link;
        },
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
      const tenantStore = scopedStore(store, tenant);
      if (await tenantStore.head(sourceKey(sha256), { signal })) {
        const direct = (_: LinkOptions, expiresAtMs: number) =>
          directSourceLink(tenantStore, sha256, expiresAtMs, signal);
        return { method: "GET", path: sourceContentPath(sha256), tenant, direct };
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

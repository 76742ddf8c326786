import { create } from "@bufbuild/protobuf";
import {
  type CombinationDelivered,
  CombinationDeliveredSchema,
  type CombinationRendered,
  certificateOf,
  type ObjectSettings as ObjectSettingsMessage,
  outputUrlPath,
  renderedFileName,
  renderedPlan,
  type Target,
} from "@polyreel/contract";
import type { PartStore } from "@polyreel/parts";
import { layOutRendered } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { briefStep } from "@polyreel/platform/telemetry";
import { contentTypeOf, DEFAULT_TENANT } from "@polyreel/spec";
import type { Destination, ObjectSettings, PutOptions, PutResult } from "./destinations/destination.js";
import { outputSource } from "./destinations/source.js";
import { folderOfTenant } from "./destinations/tenant-folder.js";

interface Deps {
  /** The tenant's store. */
  readonly store: Store;
  readonly parts: PartStore;
  readonly destination: Destination;
}

/** A delivery; `newFolder` was replaced since earlier deliveries, which may be lost. */
export interface Delivered {
  readonly fact: CombinationDelivered;
  readonly newFolder: string | undefined;
  /** As in PutResult. */
  readonly isKept: boolean;
}

/**
 * Delivers an output to one of its destinations. Its layout is computed again from the parts' indexes, which costs less
 * than transferring it, and must match the certificate. Idempotent. For a virtual output nothing is written: a
 * certified output needs no bytes before its first request.
 */
export async function deliverOutput(
  rendered: CombinationRendered,
  target: Target,
  deps: Deps,
  { traceId, ...options }: PutOptions & { traceId: string },
): Promise<Delivered> {
  const { batchId, combination, certificate, output, deliveryCount } = rendered;
  const attempt = Math.max(1, rendered.attempt);
  if (!combination || !certificate) {
    throw new PolyreelError("internal", "A rendered combination has no certificate.");
  }
  const { newFolder, isKept, ...written } = target.virtual
    ? NOTHING_WRITTEN
    : await write(rendered, target, deps, options);
  const fact = create(CombinationDeliveredSchema, {
    batchId,
    attempt,
    combinationId: combination.id,
    ordinal: combination.ordinal,
    choices: combination.choices,
    urlPath: outputUrlPath(batchId, combination.id, renderedFileName(rendered)),
    certificate: certificateOf(certificate),
    traceId,
    metadata: combination.metadata,
    delivery: target.delivery,
    output,
    deliveryCount,
    ...written,
  });
  return { fact, newFolder, isKept };
}

const NOTHING_WRITTEN = { newFolder: undefined, isKept: true };

async function write(
  rendered: CombinationRendered,
  { folder, overwrite, object }: Target,
  { store, parts, destination }: Deps,
  options: PutOptions,
): Promise<PutResult & { folder: string }> {
  const output = await briefStep("lay out", () => layOutRendered(rendered, { store, parts }));
  const { batchId, tenant, attempt, combination } = rendered;
  const owner = { tenant: tenant || DEFAULT_TENANT, name: combination?.title ?? "" };
  const place = {
    batchId,
    attempt: Math.max(1, attempt),
    owner,
    overwrite,
    folder: folderOfTenant(owner.tenant, folder),
    fileName: renderedFileName(rendered),
    ...(object && { settings: settingsOf(object) }),
  };
  const source = outputSource(output, parts, contentTypeOf(renderedPlan(rendered)));
  const put = await destination.put(source, place, options).catch((error: unknown) => {
    const isConflict = error instanceof PolyreelError && error.code === "conflict";
    throw isConflict ? error.at({ field: `outputs[${rendered.output}].to` }) : error;
  });
  return { ...put, folder: place.fileName.includes("/") ? place.folder : "" };
}

/** Without empty ones, which the destination decides itself. */
function settingsOf({ public: isPublic, metadata, ...headers }: ObjectSettingsMessage): ObjectSettings {
  const { contentType, contentDisposition, cacheControl, storageClass } = headers;
  return {
    ...(contentType && { contentType }),
    ...(contentDisposition && { contentDisposition }),
    ...(cacheControl && { cacheControl }),
    ...(storageClass && { storageClass }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(isPublic && { public: true }),
  };
}

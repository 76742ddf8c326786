import { create } from "@bufbuild/protobuf";
import { OutputsFormat, OutputsLinkSchema } from "@polyreel/contract";
import { outputsPath } from "./link-paths.js";
import { MAX_LINK_LIFETIME_MS, type SignedLinks } from "./signed-links.js";

/** Makes links to the manifest of a batch with links to all its files, for as long as links live at most. */
export const manifestLinks =
  (links: SignedLinks) =>
  ({ batchId, tenant }: { readonly batchId: string; readonly tenant: string }): string => {
    const path = outputsPath(create(OutputsLinkSchema, { batchId, format: OutputsFormat.MANIFEST_CSV }));
    return links.url("GET", path, { tenant, lifetimeMs: MAX_LINK_LIFETIME_MS });
  };

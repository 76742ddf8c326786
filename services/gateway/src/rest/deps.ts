import type { Tenants } from "@polyreel/parts";
import type { Log } from "@polyreel/platform/runtime";
import type { BatchDeps } from "../batches/deps.js";
import type { LinkTo } from "./links.js";
import type { ReadMedia } from "./media/media-facts.js";

/** Dependencies of the REST layer: those of the calls about batches, and what only it has. */
export interface RestDeps extends BatchDeps {
  readonly log: Log;
  readonly tenants: Tenants;
  readonly readMedia: ReadMedia;
  readonly linkTo: LinkTo;
}

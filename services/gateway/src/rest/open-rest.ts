import { Tenants } from "@polyreel/parts";
import { warnRemoved } from "@polyreel/parts/sources";
import type { Log } from "@polyreel/platform/runtime";
import type { Telemetry } from "@polyreel/platform/telemetry";
import type { AuditLog } from "../audit/audit-log.js";
import type { BatchDeps } from "../batches/deps.js";
import type { BatchLimits } from "../batches/submit-batch.js";
import type { Handler } from "../server/one-port.js";
import { onDemand } from "../web/on-demand.js";
import type { RestConfig } from "./config.js";
import { signedLinks } from "./links.js";
import { mediaReader } from "./media/media-facts.js";

interface Deps extends BatchDeps {
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly audit: AuditLog;
}

/** The REST layer, opened for its first request: its schemas and pages take a fifth of a second. */
export const openRest = (deps: Deps, config: BatchLimits & { readonly rest: RestConfig }): Handler =>
  onDemand(async () => {
    const [{ restLayer }, { openWebApp }] = await Promise.all([import("./rest-layer.js"), import("../web/web-app.js")]);
    const tenants = new Tenants(deps.store, { onRemoved: warnRemoved(deps.log) });
    const rest = { ...deps, tenants, readMedia: mediaReader(deps.stream, tenants), linkTo: signedLinks(deps.links) };
    return openWebApp(deps, [restLayer(rest, { ...config.rest, maxCombinations: config.maxCombinations })]);
  }, deps.log);

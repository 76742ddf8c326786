import { Tenants } from "@polyreel/parts";
import { warnRemoved } from "@polyreel/parts/sources";
import type { Log } from "@polyreel/platform/runtime";
import type { Telemetry } from "@polyreel/platform/telemetry";
import type { BatchDeps } from "../batches/deps.js";
import type { BatchLimits } from "../batches/submit-batch.js";
import type { Handler } from "../server/one-port.js";
import { onDemand } from "../web/on-demand.js";
import { PROBLEM_TYPE, toProblem } from "../web/problem.js";
import { openWebApp } from "../web/web-app.js";
import type { RestConfig } from "./config.js";
import { signedLinks } from "./links.js";
import { mediaReader } from "./media/media-facts.js";

interface Deps extends BatchDeps {
  readonly telemetry: Telemetry;
  readonly log: Log;
}

/** The REST layer, opened for its first request: its schemas and pages take a fifth of a second. */
export function openRest(deps: Deps, config: BatchLimits & { readonly rest: RestConfig }): Handler {
  const { log } = deps;
  const open = async () => {
    const { restLayer } = await import("./rest-layer.js");
    const tenants = new Tenants(deps.store, { onRemoved: warnRemoved(log) });
    const rest = { ...deps, tenants, readMedia: mediaReader(deps.stream, tenants), linkTo: signedLinks(deps.links) };
    return openWebApp(deps, [restLayer(rest, { ...config.rest, maxCombinations: config.maxCombinations })]);
  };
  return onDemand(open, (error, response) => {
    log.error({ err: error }, "the REST layer could not be opened");
    response.writeHead(500, { "Content-Type": PROBLEM_TYPE });
    response.end(JSON.stringify(toProblem(error)));
  });
}

import type { Log } from "@polyreel/platform/runtime";
import type { Telemetry } from "@polyreel/platform/telemetry";
import type { AuditLog } from "../audit/audit-log.js";
import { serveAudit } from "../audit/serve-audit.js";
import { dashboardRoutes } from "../dashboard/dashboard-routes.js";
import { manifests } from "../downloads/serve-manifest.js";
import { outputsZip } from "../downloads/serve-zip.js";
import { serveEvents } from "../events/serve-events.js";
import { providerRoutes } from "../oidc/sign-in/provider-routes.js";
import { sessionRoutes } from "../people/web/session-routes.js";
import { signingKeyRoutes } from "../people/web/signing-key-routes.js";
import { posterRoutes } from "../posters/poster-routes.js";
import { sourceContent } from "../sources/serve-content.js";
import { sourceRoutes } from "../sources/web/source-routes.js";
import { presignedRoutes } from "../uploads/web/presigned-routes.js";
import { tusRoutes } from "../uploads/web/tus-routes.js";
import { usageTable } from "../usage/serve-usage.js";
import { schemaRoute } from "./schema-route.js";
import { openWebApp } from "./web-app.js";

type Deps = { readonly telemetry: Telemetry; readonly log: Log; readonly audit: AuditLog } & Parameters<
  typeof serveEvents
>[0] &
  Parameters<typeof sourceRoutes>[0] &
  Parameters<typeof tusRoutes>[0] &
  Parameters<typeof presignedRoutes>[0] &
  Parameters<typeof sourceContent>[0] &
  Parameters<typeof outputsZip>[0] &
  Parameters<typeof manifests>[0] &
  Parameters<typeof posterRoutes>[0] &
  Parameters<typeof serveAudit>[0] &
  Parameters<typeof sessionRoutes>[0] &
  Parameters<typeof providerRoutes>[0] &
  Parameters<typeof usageTable>[0];

/** Everything over plain HTTP except outputs and the REST layer: events, sources, uploads, archives, sessions, usage, and others. */
export const openWebLayer = (deps: Deps) =>
  openWebApp(deps, [
    serveEvents(deps),
    sourceRoutes(deps),
    tusRoutes(deps),
    presignedRoutes(deps),
    sourceContent(deps),
    outputsZip(deps),
    manifests(deps),
    posterRoutes(deps),
    usageTable(deps),
    serveAudit(deps),
    sessionRoutes(deps),
    providerRoutes(deps),
    signingKeyRoutes(deps),
    dashboardRoutes(),
    schemaRoute,
  ]);

import type { ConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  AccessService,
  AdminService,
  AuditService,
  BatchService,
  DestinationService,
  LinkService,
  NotificationService,
  OUTPUT_URL_ROOT,
  PresetService,
  SecretService,
  SessionService,
  SourceService,
  UsageService,
  UserService,
  VoiceService,
} from "@polyreel/contract";
import { descriptors } from "@polyreel/contract/descriptors";
import { Health } from "@polyreel/contract/grpc/health/v1/health_pb.js";
import { ServerReflection } from "@polyreel/contract/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionV1Alpha } from "@polyreel/contract/grpc/reflection/v1alpha/reflection_pb.js";
import type { Platform } from "@polyreel/pipeline";
import type { KeptSecrets } from "@polyreel/platform/secrets";
import "./keep-proto-keys.js";
import { accessService } from "../access/access-service.js";
import { bearer } from "../access/callers.js";
import type { Access } from "../access/open-access.js";
import { callerKey, callerOf, refuseForbidden, withCallers, withLocalCaller } from "../access/with-callers.js";
import { adminService } from "../admin/admin-service.js";
import { auditCalls } from "../audit/audit-calls.js";
import type { AuditLog } from "../audit/audit-log.js";
import { auditService } from "../audit/audit-service.js";
import type { AuditStore } from "../audit/store/audit-store.js";
import { trailKey, trailOf } from "../audit/trail.js";
import { withAudit } from "../audit/with-audit.js";
import { batchService } from "../batches/batch-service.js";
import type { BatchDeps } from "../batches/deps.js";
import { withCalls } from "../call/with-calls.js";
import type { GatewayConfig } from "../config.js";
import { destinationService } from "../destination-service.js";
import { refuseInvalidLinks, withLinks } from "../links/link-claims.js";
import { linkService } from "../links/link-service.js";
import { notificationService } from "../notify/notification-service.js";
import type { ProviderSignIns } from "../oidc/sign-in/provider-sign-ins.js";
import { Outputs } from "../outputs/outputs.js";
import { serveOutputs } from "../outputs/serve-outputs.js";
import { sessionService } from "../people/session-service.js";
import { userService } from "../people/user-service.js";
import { presetService } from "../presets/preset-service.js";
import { withRate } from "../rate/with-rate.js";
import { openRest } from "../rest/open-rest.js";
import { isRestPath } from "../rest/rest-paths.js";
import { secretService } from "../secrets/secret-service.js";
import { sourceService } from "../sources/source-service.js";
import type { Uploads } from "../uploads/uploads.js";
import type { UsageDeps } from "../usage/get-usage.js";
import { usageService } from "../usage/usage-service.js";
import { voiceService } from "../voice-service.js";
import { onDemand } from "../web/on-demand.js";
import { addressKey, addressOf } from "./client-address.js";
import { COMPRESSIONS } from "./compressions.js";
import { withCors } from "./cors.js";
import { explainRefusals } from "./explain-refusals.js";
import { withGetCalls } from "./get-calls.js";
import { withGuard } from "./guard.js";
import { health, type Serving } from "./health.js";
import { isCall } from "./is-call.js";
import { LargeRequests } from "./large-requests/check-large-requests.js";
import type { CheckThread } from "./large-requests/check-thread.js";
import { logCalls } from "./log-calls.js";
import { measureRequests } from "./measure-requests.js";
import type { Handler } from "./one-port.js";
import { reflection } from "./reflection.js";
import { pathOf, route } from "./router.js";
import { traceCalls } from "./trace-calls.js";
import { createRequestCheck, validateRequests } from "./validate.js";
import { withForwarded } from "./with-forwarded.js";

const SERVICES = [
  ...[BatchService, SourceService, VoiceService, DestinationService, PresetService],
  ...[LinkService, NotificationService, AdminService, AccessService, SecretService, UsageService],
  ...[AuditService, UserService, SessionService],
];
const API = SERVICES.map((service) => service.typeName);
const ALL = [...API, Health.typeName, ServerReflection.typeName, ServerReflectionV1Alpha.typeName];

type ApiDeps = Omit<BatchDeps, "outputs"> &
  UsageDeps &
  Pick<Platform, "telemetry" | "log"> & {
    readonly serving: Serving;
    readonly checkThread: CheckThread;
    readonly uploads: Uploads;
    readonly access: Access;
    readonly secrets: KeptSecrets;
    readonly audit: AuditLog;
    readonly auditStore: AuditStore;
    readonly signIns: ProviderSignIns;
  };
type ApiConfig = Pick<
  GatewayConfig,
  | "host"
  | "auth"
  | "allowedHosts"
  | "allowedOrigins"
  | "links"
  | "trustedProxies"
  | "maxMessageBytes"
  | "maxSourceBytes"
  | "maxCombinations"
  | "rest"
  | "rate"
>;

/** All services and the outputs behind one handler, for HTTP/1.1 and HTTP/2. */
export function createApi(deps: ApiDeps, config: ApiConfig): Handler {
  const { telemetry, log, serving, draining, access } = deps;
  const outputs = new Outputs(deps);
  const check = createRequestCheck(deps.presets);
  const sources = { ...deps, maxSourceBytes: config.maxSourceBytes, check };
  const service = sourceService(sources);
  const served: UniversalHandler[] = [];
  const routes = (router: ConnectRouter) => {
    router.service(AuditService, withCalls(AuditService, auditService(deps.auditStore)));
    router.service(BatchService, withCalls(BatchService, batchService({ ...deps, outputs }, config)));
    router.service(AccessService, withCalls(AccessService, accessService(access)));
    const people = { ...access, ...access.people, isAsking: access.callers !== undefined };
    router.service(UserService, withCalls(UserService, userService(people)));
    router.service(SessionService, withCalls(SessionService, sessionService(people)));
    router.service(AdminService, withCalls(AdminService, adminService({ ...deps, outputs })));
    router.service(SourceService, withCalls(SourceService, service));
    router.service(UsageService, withCalls(UsageService, usageService(deps)));
    router.service(VoiceService, withCalls(VoiceService, voiceService(deps.stream)));
    router.service(DestinationService, withCalls(DestinationService, destinationService(deps.stream)));
    router.service(PresetService, withCalls(PresetService, presetService(deps.presets)));
    router.service(LinkService, withCalls(LinkService, linkService({ ...deps, outputs })));
    router.service(NotificationService, withCalls(NotificationService, notificationService(deps.notifications)));
    router.service(SecretService, withCalls(SecretService, secretService(deps.secrets)));
    health(router, API, serving, draining);
    reflection(router, descriptors(), ALL);
    served.push(...router.handlers);
  };
  const largeRequests = new LargeRequests(deps.checkThread, log, config.maxMessageBytes);
  const connect = connectNodeAdapter({
    routes,
    contextValues: (request) =>
      largeRequests
        .contextValues(request)
        .set(callerKey, callerOf(request))
        .set(addressKey, addressOf(request))
        .set(trailKey, trailOf(request)),
    interceptors: [traceCalls(telemetry), logCalls(log), auditCalls(deps), validateRequests(check)],
    acceptCompression: [...COMPRESSIONS],
    readMaxBytes: config.maxMessageBytes,
    // An unknown field is a mistake in handwritten JSON.
    jsonOptions: { ignoreUnknownFields: false },
  });
  const calls = orBadRequest(explainRefusals(withGetCalls(refuseForbidden(largeRequests.handle(connect))), served));
  const rest = openRest({ ...deps, outputs }, config);
  const web = onDemand(async () => {
    const { openWebLayer } = await import("../web/web-layer.js");
    return openWebLayer({ ...sources, service, outputs });
  }, log);
  const plain: Handler = (request, response) => (isRestPath(pathOf(request.url ?? "")) ? rest : web)(request, response);
  const handler = route({ [OUTPUT_URL_ROOT]: serveOutputs(outputs, log) }, (request, response) =>
    (isCall(request) ? calls : plain)(request, response),
  );
  const limited = withRate(refuseInvalidLinks(handler, log), config.rate);
  const guarded = withGuard(withCors(limited, config.allowedOrigins), config);
  const called = access.callers ? withCallers(guarded, access.callers, draining) : withLocalCaller(guarded);
  const methods = SERVICES.flatMap((one) => one.methods);
  const statedKey = async (authorization: string) => access.keyScheme?.stated(bearer(authorization) ?? "");
  const audited = withAudit(withLinks(called, deps.links), { ...deps, methods, statedKey });
  return measureRequests(withForwarded(audited, config.trustedProxies));
}

/** For requests whose host or path is no URL, the adapter throws before a call begins. */
function orBadRequest(handler: Handler): Handler {
  return (request, response) => {
    try {
      handler(request, response);
    } catch {
      response.writeHead(400);
      response.end();
    }
  };
}

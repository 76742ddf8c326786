import { openPlatform } from "@polyreel/pipeline";
import { composed, type Running } from "@polyreel/platform";
import { openLeases } from "@polyreel/platform/stream";
import { openAccess } from "./access/open-access.js";
import { knownBatch } from "./batches/known-batch.js";
import { WaitingWork } from "./batches/waiting-work.js";
import { ALL_TENANTS } from "./call/call.js";
import { assertGuarded, type GatewayConfig } from "./config.js";
import { Finisher } from "./finisher.js";
import { startJobs } from "./jobs/start-jobs.js";
import { ownUrl } from "./links/base-url.js";
import { openLinkKeys } from "./links/link-settings.js";
import { manifestLinks } from "./links/manifest-links.js";
import { SignedLinks } from "./links/signed-links.js";
import { defaultsOf } from "./notify/config.js";
import { openNotifications } from "./notify/notifications.js";
import type { Sender } from "./notify/send/sender.js";
import { attemptKey } from "./oidc/sign-in/attempt.js";
import { ProviderSignIns } from "./oidc/sign-in/provider-sign-ins.js";
import { openPresets } from "./presets/open-presets.js";
import { openReadModel } from "./read-model/open-read-model.js";
import type { KnownBatch } from "./read-model/read-model.js";
import { Cleaner } from "./retention/cleaner.js";
import { CleanUpSchedule } from "./retention/schedule.js";
import { createApi } from "./server/api.js";
import { Serving } from "./server/health.js";
import { CheckThread } from "./server/large-requests/check-thread.js";
import { openPort } from "./server/one-port.js";
import { SourceUses } from "./sources/source-uses.js";
import { Uploads } from "./uploads/uploads.js";

const HEADERS_TIMEOUT_MS = 10_000;
const FIRST_CALL_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 10 * 60_000;

export interface Gateway extends Running {
  readonly host: string;
  /** The configured one, or the one picked for 0. */
  readonly port: number;
}

/** The gateway: clients' calls, the read model behind the responses, and the publishing of batch.finished. */
export function startGateway(config: GatewayConfig): Promise<Gateway> {
  return composed(async (releasers) => {
    assertGuarded(config);
    const platform = releasers.use(await openPlatform("polyreel-gateway", config));
    const { stream, batches, log } = platform;
    const { broker } = stream;
    const serving = new Serving();
    const known = (batchId: string, sequence: number): Promise<KnownBatch> =>
      knownBatch(model, batchId, ALL_TENANTS, sequence);
    const finisher = releasers.use(new Finisher({ ...platform, known }));
    const completed = (batch: KnownBatch) => finisher.completed(batch);
    const receivers = config.notify.enabled ? (tenant: string) => defaultsOf(config.notify, tenant) : undefined;
    const noticed = () => sender?.poke();
    let sender: Sender | undefined;
    const model = releasers.use(await openReadModel(config, { stream, batches, log, completed, receivers, noticed }));

    const { store, publisher } = platform;
    /** Known before any request is served. */
    let listening = { host: config.host, port: config.port };
    const publicUrl = () => config.links.publicUrl ?? ownUrl(listening.host, listening.port);
    const linkKeys = await openLinkKeys(config.links, store);
    const links = new SignedLinks({ ...config.links, keys: linkKeys, publicUrl });
    const linkOf = config.links.publicUrl === undefined ? undefined : manifestLinks(links);
    const { notifications, sender: opened } = openNotifications({ model, store, log, linkOf }, config.notify);
    if (opened) sender = releasers.use(opened);
    const leases = await openLeases(stream);
    const uses = new SourceUses({ model, store });
    const uploads = releasers.use(new Uploads({ store, log }, { ...config, expiryMs: config.uploadExpiryMs }));
    const cleaner = new Cleaner(
      { model, store, stream, broker, publisher, leases, log, uses, uploads },
      config.retention,
    );
    releasers.use(new CleanUpSchedule({ ...platform, cleaner, caughtUp: model.caughtUp }));

    const access = await openAccess(config.auth, platform, config.oidc);
    const signIns = new ProviderSignIns({ ...access, log, publicUrl, key: attemptKey(linkKeys) });
    const presets = await openPresets(config.presetsFile);
    if (config.jobs.enabled)
      releasers.use(await startJobs({ ...platform, model, notifications, presets }, config.jobs, config));

    const waiting = releasers.use(new WaitingWork(stream));
    const checkThread = releasers.use(new CheckThread(presets));
    const draining = new AbortController();
    const handler = createApi(
      {
        ...{ ...platform, broker, model, serving, cleaner, uses, uploads, waiting, notifications, checkThread, links },
        ...{ presets, access, signIns, draining: draining.signal },
      },
      config,
    );
    const { host, port, close } = await openPort(handler, {
      ...config,
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
      firstCallTimeoutMs: FIRST_CALL_TIMEOUT_MS,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      stallTimeoutMs: config.stallSeconds * 1000,
      graceMs: config.graceSeconds * 1000,
    });
    listening = { host, port };
    releasers.add(close);
    releasers.add(() => draining.abort());

    const updateServing = () => {
      const isDatabaseThere = model.presence?.there ?? true;
      serving.set(broker.there && isDatabaseThere && model.ready && !draining.signal.aborted);
    };
    broker.on("change", updateServing);
    model.presence?.on("change", updateServing);
    draining.signal.addEventListener("abort", updateServing);
    void model.caughtUp.then(updateServing);
    log.info({ host, port }, `listening on http://${host}:${port} (gRPC, Connect, gRPC-Web)`);
    return { host, port, failed: releasers.failed, close: () => releasers.close() };
  });
}

import { openPlatform } from "@polyreel/pipeline";
import { secretsIn } from "@polyreel/pipeline/settings";
import { composed, type Running } from "@polyreel/platform";
import { KeptSecrets, openMasterKeys } from "@polyreel/platform/secrets";
import { openLeases } from "@polyreel/platform/stream";
import { openAccess } from "./access/open-access.js";
import { openAudit } from "./audit/open-audit.js";
import { CombinationCosts } from "./batches/combination-costs.js";
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
import { openQuotas } from "./quotas/open-quotas.js";
import { openReadModel } from "./read-model/open-read-model.js";
import type { KnownBatch } from "./read-model/read-model.js";
import { Cleaner } from "./retention/cleaner.js";
import { startPurges } from "./retention/on-batch-deleted.js";
import { CleanUpSchedule } from "./retention/schedule.js";
import { createApi } from "./server/api.js";
import { Serving } from "./server/health.js";
import { CheckThread } from "./server/large-requests/check-thread.js";
import { openPort } from "./server/one-port.js";
import { CertificateFiles } from "./server/tls/certificate-files.js";
import { trustedProxies } from "./server/trusted-proxies.js";
import { warnOfPlaintext } from "./server/warn-of-plaintext.js";
import { forwardedOrigin } from "./server/with-forwarded.js";
import { showReadModel } from "./show-read-model.js";
import { SourceUses } from "./sources/source-uses.js";
import { Uploads } from "./uploads/uploads.js";

const HEADERS_TIMEOUT_MS = 10_000;
const FIRST_CALL_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 10 * 60_000;

export interface Gateway extends Running {
  readonly host: string;
  /** The configured one, or the one picked for 0. */
  readonly port: number;
  /** For clients of this machine. */
  readonly url: string;
}

/** The gateway: clients' calls, the read model behind the responses, and the publishing of batch.finished. */
export function startGateway(config: GatewayConfig): Promise<Gateway> {
  return composed(async (releasers) => {
    assertGuarded(config);
    const platform = releasers.use(await openPlatform("polyreel-gateway", config, { declaresStream: true }));
    const { stream, batches, log } = platform;
    const { broker } = stream;
    const serving = new Serving();
    platform.requires(() => (serving.now ? undefined : "it does not serve calls yet"));
    const known = (batchId: string, sequence: number): Promise<KnownBatch> =>
      knownBatch(model, batchId, ALL_TENANTS, sequence);
    const finisher = releasers.use(new Finisher({ ...platform, known }));
    const completed = (batch: KnownBatch) => finisher.completed(batch);
    const receivers = config.notify.enabled ? (tenant: string) => defaultsOf(config.notify, tenant) : undefined;
    const noticed = () => sender?.poke();
    let sender: Sender | undefined;
    const model = releasers.use(await openReadModel(config, { stream, batches, log, completed, receivers, noticed }));

    warnOfPlaintext(config, log);
    const certificate = config.tls && releasers.use(await CertificateFiles.open(config.tls, log));
    const scheme = certificate ? "https" : "http";
    const { store, publisher } = platform;
    /** Known before any request is served. */
    let listening = { host: config.host, port: config.port };
    const publicUrl = () =>
      config.links.publicUrl ?? forwardedOrigin() ?? ownUrl(listening.host, listening.port, scheme);
    const linkKeys = await openLinkKeys(config.links, store);
    const links = new SignedLinks({ ...config.links, keys: linkKeys, publicUrl });
    const linkOf = config.links.publicUrl === undefined ? undefined : manifestLinks(links);
    const secrets = new KeptSecrets(store, await openMasterKeys(config.secrets, log));
    const { notifications, sender: opened } = openNotifications(
      { model, store, log, linkOf, secrets: secretsIn(secrets) },
      config.notify,
    );
    if (opened) sender = releasers.use(opened);
    const leases = await openLeases(stream);
    const uses = new SourceUses({ model, store });
    const limits = releasers.use(await openQuotas(config.quotasFile, { ...platform, model }));
    const { admission, estimates, meter } = limits;
    const uploads = releasers.use(new Uploads({ store, log, meter }, { ...config, expiryMs: config.uploadExpiryMs }));
    const cleaner = new Cleaner(
      { model, store, stream, broker, publisher, leases, log, uses, uploads, admission },
      config.retention,
    );
    releasers.use(startPurges(platform));
    const audit = releasers.use(await openAudit(config.auditKeptMs, { ...platform, model }));
    releasers.use(new CleanUpSchedule({ ...platform, ...audit, cleaner, caughtUp: model.caughtUp }));

    const access = await openAccess(config.auth, platform, config.oidc);
    const signIns = new ProviderSignIns({ ...access, log, publicUrl, key: attemptKey(linkKeys) });
    const presets = await openPresets(config.presetsFile);
    if (config.jobs.enabled)
      releasers.use(
        await startJobs(
          { ...platform, ...audit, model, notifications, presets, admission, estimates },
          config.jobs,
          config,
        ),
      );

    const waiting = releasers.use(new WaitingWork(stream));
    const costs = new CombinationCosts(store);
    const checkThread = releasers.use(new CheckThread(presets));
    const draining = new AbortController();
    const handler = createApi(
      {
        ...{
          ...platform,
          broker,
          model,
          serving,
          cleaner,
          uses,
          uploads,
          waiting,
          costs,
          notifications,
          checkThread,
          links,
        },
        ...{ ...audit, presets, access, secrets, signIns, draining: draining.signal },
        ...limits,
      },
      config,
    );
    const { host, port, close } = await openPort(handler, {
      ...config,
      certificate,
      isProxy: trustedProxies(config.trustedProxies),
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
      firstCallTimeoutMs: FIRST_CALL_TIMEOUT_MS,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
      stallTimeoutMs: config.stallSeconds * 1000,
      graceMs: config.graceSeconds * 1000,
    });
    listening = { host, port };
    releasers.add(close);
    releasers.add(() => draining.abort());

    releasers.use(showReadModel(model, platform));
    const updateServing = () => {
      const isDatabaseThere = model.presence?.there ?? true;
      serving.set(broker.there && isDatabaseThere && model.ready && !draining.signal.aborted);
    };
    broker.on("change", updateServing);
    model.presence?.on("change", updateServing);
    draining.signal.addEventListener("abort", updateServing);
    void model.caughtUp.then(updateServing);
    const url = ownUrl(host, port, scheme);
    log.info({ host, port }, `listening on ${url} (gRPC, Connect, gRPC-Web)`);
    return { host, port, url, failed: releasers.failed, close: () => releasers.close() };
  });
}

import { Code } from "@connectrpc/connect";
import { expect } from "vitest";
import {
  acme,
  both,
  denied,
  foreign,
  globex,
  hidden,
  ids,
  NEVER,
  NOWHERE,
  operator,
  own,
  refusal,
} from "./two-tenants.js";

const ALL = { case: "allTenants" as const, value: true };

export const serverCases: Record<string, () => Promise<void>> = {
  "polyreel.v1.UsageService/GetUsage": async () => {
    const tenantsOf = async (clients: typeof acme, tenant = "") =>
      (await clients.usage.getUsage({ tenant })).usage.map((one) => one.tenant);
    expect([await tenantsOf(acme), await tenantsOf(operator)]).toEqual([["acme"], ["acme", "globex"]]);
    await denied(() => tenantsOf(acme, "globex"));
  },
  "polyreel.v1.VoiceService/ListVoices": async () => {
    const { voices } = await acme.voices.listVoices({}); // The engines' voices, not owned by a tenant.
    expect(voices.length).toBeGreaterThan(0);
    expect(await operator.voices.listVoices({})).toMatchObject({ voices });
  },
  "polyreel.v1.PresetService/ListPresets": async () => {
    const { presets } = await acme.presets.listPresets({}); // The server's, not owned by a tenant.
    expect(presets.length).toBeGreaterThan(0);
    expect(await operator.presets.listPresets({})).toMatchObject({ presets });
  },
  "polyreel.v1.DestinationService/ListDestinations": async () => {
    const namesOf = async (clients: typeof acme, tenant = "") =>
      (await clients.destinations.listDestinations({ tenant })).destinations.map(({ name }) => name);
    expect(await namesOf(acme)).toEqual(["campaigns"]);
    expect(await namesOf(globex)).toEqual([]);
    await denied(() => namesOf(globex, "acme"));
    expect(await namesOf(operator, "acme")).toEqual(["campaigns"]);
  },
  "polyreel.v1.NotificationService/ListNotifications": async () => {
    const batchesIn = async (clients: typeof acme, request: object = {}) =>
      (await clients.notifications.listNotifications(request)).notifications.map(({ batchId }) => batchId).sort();
    await expect.poll(() => batchesIn(operator)).toEqual(both());
    expect(await batchesIn(acme)).toEqual([own.batchId]);
    expect(await batchesIn(acme, { batchId: foreign.batchId })).toEqual([]);
    expect(await batchesIn(operator, { tenant: "globex" })).toEqual([foreign.batchId]);
    await denied(() => batchesIn(acme, { tenant: "globex" }));
  },
  "polyreel.v1.NotificationService/TestNotification": async () => {
    const test = (clients: typeof acme) => (batchId: string) =>
      clients.notifications.testNotification({ receiver: { case: "batchId", value: batchId } });
    await hidden(test(acme));
    expect((await test(globex)(foreign.batchId)).receivers).toHaveLength(1);
    const signed =
      (clients: typeof acme, tenant = "") =>
      () =>
        clients.notifications.testNotification({
          receiver: { case: "webhook", value: { url: NOWHERE, secret: "own" } },
          tenant,
        });
    expect((await signed(globex)()).receivers).toHaveLength(1);
    expect((await refusal(signed(acme))).code).toBe(Code.InvalidArgument); // Nobody signs with another's secret.
    await denied(signed(acme, "globex"));
  },
  "polyreel.v1.NotificationService/ResendNotification": async () => {
    const [{ id = "" } = {}] = (await globex.notifications.listNotifications({})).notifications;
    const { code, message } = await refusal(() => acme.notifications.resendNotification({ id }));
    const never = await refusal(() => acme.notifications.resendNotification({ id: NEVER }));
    expect({ code, message: message.replaceAll(id, NEVER) }).toEqual(never);
    expect((await globex.notifications.resendNotification({ id })).notification?.id).toBe(id);
  },
  "polyreel.v1.AdminService/CleanUp": async () => {
    const request = { olderThan: { seconds: 0n }, dryRun: true };
    const globexAlone = { case: "tenant" as const, value: "globex" };
    for (const whose of [ALL, globexAlone]) {
      await denied(() => acme.admin.cleanUp({ ...request, dryRun: false, whose }));
    }
    const acmeAlone = { case: "tenant" as const, value: "acme" };
    expect(ids(await acme.admin.cleanUp({ ...request, whose: acmeAlone }))).toEqual([own.batchId]);
    expect(ids(await operator.admin.cleanUp({ ...request, whose: ALL }))).toEqual(both());
    expect(ids(await operator.admin.cleanUp({ ...request, whose: globexAlone }))).toEqual([foreign.batchId]);
    expect(ids(await operator.batches.listBatches({}))).toEqual(both());
  },
  "polyreel.v1.AdminService/RebuildReadModel": async () => {
    await denied(() => acme.admin.rebuildReadModel({}));
    for await (const _ of operator.admin.rebuildReadModel({}));
    expect(ids(await operator.batches.listBatches({}))).toEqual(both());
    expect(ids(await acme.batches.listBatches({}))).toEqual([own.batchId]);
  },
};

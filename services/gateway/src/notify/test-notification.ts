import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import {
  type Notify,
  NotifySchema,
  type TestedReceiver,
  TestedReceiverSchema,
  type TestNotificationRequest,
  type TestNotificationResponse,
  TestNotificationResponseSchema,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { normalizeNotify } from "@polyreel/spec";
import { type Call, tenantFor } from "../call/call.js";
import { assertReceivers } from "./assert-receivers.js";
import { attemptMessage, channelOf } from "./notification-status.js";
import type { Notifications } from "./notifications.js";
import { notifySummaries, receiversOf } from "./receivers.js";
import { eventBody } from "./record/notices-of.js";
import { deliver } from "./send/deliver.js";

/** Tests at the same time: each may take as long as an attempt, and goes where its caller says. */
const AT_ONCE = 4;

/** Sends test events at once, without keeping them. */
export class TestNotifications {
  #running = 0;

  constructor(private readonly notifications: Notifications) {}

  async send(request: TestNotificationRequest, call: Call): Promise<TestNotificationResponse> {
    if (this.#running >= AT_ONCE) throw tooMany();
    this.#running++;
    try {
      const receivers = await this.#receivers(request, call);
      const tested = receivers.map((one) => this.#test(one.receiver, one.tenant, one.batchId, call.signal));
      return create(TestNotificationResponseSchema, { receivers: await Promise.all(tested) });
    } finally {
      this.#running--;
    }
  }

  async #receivers({ receiver, ...request }: TestNotificationRequest, { scope }: Call) {
    const { config, receivers } = this.notifications;
    if (receiver.case === "batchId") {
      const found = await receivers.ofBatch(receiver.value, scope);
      if (!found) throw noBatch(receiver.value);
      const named = found.list.filter(({ channel }) => channel.case !== "none");
      if (named.length === 0) throw nobody();
      return named.map((one) => ({ receiver: one, tenant: found.tenant, batchId: receiver.value }));
    }
    const tenant = tenantFor(scope, request.tenant, "tenant");
    const given = create(NotifySchema, { channel: receiver as Notify["channel"] });
    normalizeNotify([given]);
    assertReceivers([given], tenant, { ...config, enabled: true }, "");
    return [{ receiver: given, tenant, batchId: "" }];
  }

  async #test(receiver: Notify, tenant: string, batchId: string, signal: AbortSignal): Promise<TestedReceiver> {
    const at = new Date();
    const { config, linkOf, secrets } = this.notifications;
    const data = { ...(batchId && { batchId }), tenant, message: "A test of notifications." };
    const event = {
      id: `ntf_test_${randomUUID()}`,
      batchId,
      tenant,
      type: "test",
      body: eventBody("test", at, data),
    } as const;
    const { accepted, status, reason, response } = await deliver(
      event,
      receiver,
      { config, linkOf, secrets },
      { now: at, signal },
    );
    const durationMs = Date.now() - at.getTime();
    const [named] = receiversOf({ notify: notifySummaries([receiver]) }, []);
    return create(TestedReceiverSchema, {
      ...(named && { channel: channelOf(named.channel), receiver: named.shown }),
      attempt: attemptMessage({ at, durationMs, status, reason, response }),
      accepted,
    });
  }
}

const tooMany = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${AT_ONCE} tests of notifications are under way.`,
    remedy: "Try again in a moment.",
  });

const noBatch = (batchId: string): PolyreelError =>
  new PolyreelError("not_found", {
    field: "batch_id",
    reason: `There is no batch ${JSON.stringify(batchId)}.`,
    remedy: "SubmitBatch answers with the id of the batch it accepted.",
  });

const nobody = (): PolyreelError =>
  new PolyreelError("precondition", {
    field: "batch_id",
    reason: "Nobody is notified of this batch.",
    remedy: "Name receivers in its notify, or by default in POLYREEL_NOTIFY.",
  });

import { create } from "@bufbuild/protobuf";
import { type NotificationService, ResendNotificationResponseSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Call } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import { listNotifications } from "./list-notifications.js";
import { notificationStatus } from "./notification-status.js";
import type { Notifications } from "./notifications.js";
import type { NotificationStore } from "./store/notification-store.js";
import { TestNotifications } from "./test-notification.js";

/** polyreel.v1.NotificationService. */
export function notificationService(notifications: Notifications): CallHandlers<typeof NotificationService> {
  const tests = new TestNotifications(notifications);
  return {
    listNotifications: (request, call) => listNotifications(storeOf(notifications), request, call),
    testNotification: (request, call) => tests.send(request, call),
    resendNotification: async ({ id }, { scope }: Call) => {
      const store = storeOf(notifications);
      const known = await store.get(id, scope);
      if (!known) throw noSuch(id);
      if (known.state === "waiting" && known.attempts.length === 0) throw waits(id);
      await store.resend(id, new Date());
      notifications.poke();
      const notification = notificationStatus((await store.get(id, scope)) ?? known);
      return create(ResendNotificationResponseSchema, { notification });
    },
  };
}

function storeOf({ store }: Notifications): NotificationStore {
  if (store) return store;
  throw new PolyreelError("precondition", {
    reason: "This server sends no notifications: POLYREEL_NOTIFICATIONS is off.",
    remedy: "Set it to on.",
  });
}

const noSuch = (id: string): PolyreelError =>
  new PolyreelError("not_found", {
    field: "id",
    reason: `There is no notification ${JSON.stringify(id)}.`,
    remedy: "ListNotifications has those that wait, and those that ended within 30 days.",
  });

const waits = (id: string): PolyreelError =>
  new PolyreelError("precondition", {
    field: "id",
    reason: `Notification ${id} was not sent yet.`,
    remedy: "It waits for its first attempt; look at it again in a moment.",
  });

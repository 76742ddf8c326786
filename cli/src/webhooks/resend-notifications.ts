import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import type { Terminal } from "../terminal/terminal.js";
import { plainNotification } from "./plain-notification.js";
import type { WebhooksFlags } from "./webhooks.js";

/** Has notifications sent again, one after the other. */
export async function resendNotifications(
  connection: Connection,
  ids: readonly string[],
  { json }: WebhooksFlags,
  terminal: Terminal,
): Promise<void> {
  for (const id of ids) {
    const { notification } = await call(connection, connection.notifications.resendNotification({ id }));
    if (!notification) continue;
    const line = json ? JSON.stringify(plainNotification(notification)) : `${id}  is sent again`;
    await terminal.print(`${line}\n`);
  }
}
